"""An image goes to a registry and comes back as the same image."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
from pathlib import Path

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
    assert output.count(": Pushed") == 4
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
    assert f"It is {shop.name}:prod here." in output
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
    assert "exists already, from another build of the same commit, and stays." in output
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
    assert f"No {shop.name}:latest was built from what is checked out." in output
    assert "Build it: nox -s build" in output

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
    assert f"No {shop.name}:dev or {shop.name}:latest was built" in output
    assert "Build it: nox -s build -- --stage dev" in output


def test_no_such_tag(shop: Shop, registry: Registry) -> None:
    """What was not sent cannot be fetched."""
    code, output = shop.run("pull", "--tag", "never")

    assert code == 1
    assert f"{registry.host}/team/{shop.name}:never: manifest " in output
    assert "Push it first: nox -s push." in output


def test_tag_that_does_not_move(shop: Shop, tmp_path: Path) -> None:
    """Where tags are immutable the image is there under its own, and that is success."""
    answer = "tag invalid: The image tag already exists, and the repository is immutable."
    path = shop.docker(tmp_path, f'"push "*:prod) echo "{answer}" >&2; exit 1 ;;')

    code, output = shop.run("push", "--stage", "prod", PATH=path)

    assert code == 0, output
    assert f"{shop.name}:prod was not moved: tags are immutable there." in output
    assert f"{shop.name}@sha256:" in output


def test_terminal(shop: Shop) -> None:
    """On a terminal Docker shows how far each layer is, over the same lines."""
    reader, writer = pty.openpty()
    process = subprocess.Popen(
        shop.project.command("push", "--tag", "terminal"),
        cwd=shop.project.path,
        env={**os.environ, "DOCKER_CONFIG": str(shop.configuration)},
        stdin=subprocess.DEVNULL,
        stdout=writer,
        stderr=writer,
    )
    os.close(writer)
    shown = b""
    # Reading from a terminal that nobody writes to any more is an error.
    with contextlib.suppress(OSError):
        while part := os.read(reader, 65536):
            shown += part
    os.close(reader)

    assert process.wait(300) == 0, shown
    assert b"Layer already exists" in shown.partition(b"\x1b[1A")[2]


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
