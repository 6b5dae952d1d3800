"""An image goes to a registry and comes back as the same image."""

from __future__ import annotations

import pytest

from tests.registry.server import Registry
from tests.registry.shop import Shop

pytestmark = pytest.mark.docker


def test_there_and_back(shop: Shop, registry: Registry) -> None:
    """Version and commit name it, and the stage's tag; both are what the session prints."""
    built, repository = shop.image(), f"team/{shop.name}"

    code, output = shop.run("push")

    assert code == 0, output
    tags = registry.tags(repository)
    assert set(tags) == {shop.unique_tag(), "latest"}
    assert len(set(tags.values())) == 1
    digest = f"{registry.host}/{repository}@{tags['latest']}"
    assert output.splitlines().count(digest) == 1
    assert output.count(": pushed") == 4
    assert "\r" not in output
    # Whoever reads the log of a pipeline learns no password.
    assert registry.password not in output

    shop.forget_images()
    code, output = shop.run("pull")

    assert code == 0, output
    fetched = shop.image()
    assert fetched.id == built.id
    assert digest in fetched.attrs["RepoDigests"]


def test_stage_gets_the_image_of_the_commit(shop: Shop, registry: Registry) -> None:
    """What was sent once moves on from stage to stage without another build."""
    assert shop.run("push")[0] == 0

    code, output = shop.run("pull", "--stage", "prod")
    assert code == 0, output
    assert f"is here as {shop.name}:prod." in output
    assert "nox -s serve -- --docker --stage prod" in output
    code, output = shop.run("push", "--stage", "prod")

    assert code == 0, output
    tags = registry.tags(f"team/{shop.name}")
    assert tags["prod"] == tags[shop.unique_tag()]


def test_name_of_a_commit_stays(shop: Shop, registry: Registry) -> None:
    """Another build of the same commit does not take the name of the first, nor the stage."""
    assert shop.run("push")[0] == 0
    before = registry.tags(f"team/{shop.name}")
    first = shop.image().id
    shop.build("--label", "build=second")
    assert shop.image().id != first

    code, output = shop.run("push")

    assert code == 0, output
    assert "is there already, from another build of the same commit, and stays." in output
    assert registry.tags(f"team/{shop.name}") == before
    assert f"@{before['latest']}\n" in output

    code, output = shop.run("push", "--tag", "second")

    assert code == 0, output
    after = registry.tags(f"team/{shop.name}")
    assert after["second"] == after["latest"] != before["latest"]


def test_image_of_another_commit(shop: Shop) -> None:
    """The name of a commit is not given to what was built from another; nor to changes."""
    shop.set(version="0.1.1")
    code, output = shop.run("push")
    assert code == 1
    assert f"{shop.name}:latest was built from commit " in output
    assert "Build it again: nox -s build" in output

    (shop.project.path / "src" / "new.py").write_text("x = 1\n", "utf-8")
    try:
        code, output = shop.run("push")
        assert code == 1
        assert "has changes that are in no commit" in output
        shop.build()
        labels = shop.image().labels
    finally:
        (shop.project.path / "src" / "new.py").unlink()
        shop.set(version="0.1.0")
        shop.build()

    assert labels["org.opencontainers.image.version"] == "0.1.1"
    assert labels["org.opencontainers.image.revision"].endswith("-dirty")


def test_no_image(shop: Shop) -> None:
    """What was not built is named, with the command that builds it."""
    shop.forget_images()
    try:
        code, output = shop.run("push", "--stage", "dev")
    finally:
        shop.build()

    assert code == 1
    assert f"There is no image {shop.name}:dev. Build it: nox -s build -- --stage dev" in output


def test_no_such_tag(shop: Shop, registry: Registry) -> None:
    """What was not sent cannot be fetched."""
    code, output = shop.run("pull", "--tag", "never")

    assert code == 1
    assert f"There is no {registry.host}/team/{shop.name}:never. Send it from where" in output


def test_no_registry(shop: Shop) -> None:
    """mldock.json has to say where."""
    shop.set(registry=None)
    try:
        code, output = shop.run("push")
    finally:
        shop.repository.git("revert", "--no-edit", "HEAD")
        shop.build()

    assert code == 1
    assert "mldock.json names no registry. Add one" in output
