"""An image tells what it was built from, and the same commit gives the same image."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.registry.shop import Shop

pytestmark = pytest.mark.docker

PREFIX = "org.opencontainers.image"


@pytest.fixture(scope="module")
def shop(make: Callable[[str], Shop]) -> Shop:
    """Return a project that needs no registry."""
    return make("registry.invalid")


@pytest.mark.parametrize(
    ("remote", "source"),
    [
        ("https://github.com/team/shop.git", "https://github.com/team/shop.git"),
        ("git@github.com:team/shop.git", "git@github.com:team/shop.git"),
        ("ssh://git@example.com:7999/team/shop.git", "ssh://git@example.com:7999/team/shop.git"),
        ("https://someone:token@github.com/team/shop.git", None),
        ("https://token@github.com/team/shop.git", None),
        ("https://example.com/shop.git?private_token=token", None),
        ("/home/someone/shop.git", None),
        (None, None),
    ],
)
def test_labels(shop: Shop, remote: str | None, source: str | None) -> None:
    """They name commit, its time, version and source, and nobody's credentials."""
    if remote:
        shop.repository.git("remote", "add", "origin", remote)
    try:
        shop.build()
    finally:
        if remote:
            shop.repository.git("remote", "remove", "origin")

    seconds = int(shop.repository.git("show", "--no-patch", "--format=%ct"))
    labels = shop.image().labels
    assert labels[f"{PREFIX}.revision"] == shop.repository.git("rev-parse", "HEAD").strip()
    assert labels[f"{PREFIX}.version"] == "0.1.0"
    created = datetime.fromisoformat(labels[f"{PREFIX}.created"])
    assert created == datetime.fromtimestamp(seconds, UTC)
    assert labels.get(f"{PREFIX}.source") == source
    assert "token" not in json.dumps(shop.image().attrs)


def test_same_commit_same_image(shop: Shop, tmp_path: Path) -> None:
    """A clone at another time gives the very image, as long as the builder remembers its steps."""
    shop.build()
    first = shop.image().id
    clone = shop.repository.clone(tmp_path / "clone")
    for path in (clone.path / "src").rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))

    other = Shop(type(shop.project)(clone.path), clone, shop.configuration, shop.name)
    other.build()

    assert shop.image().id == first


def test_no_commit(shop: Shop, tmp_path: Path) -> None:
    """A project in no repository has an image that names no commit."""
    clone = shop.repository.clone(tmp_path / "clone")
    (clone.path / ".git").rename(tmp_path / "git")
    Shop(type(shop.project)(clone.path), clone, shop.configuration, shop.name).build()

    labels = shop.image().labels
    assert labels[f"{PREFIX}.version"] == "0.1.0"
    assert not {f"{PREFIX}.revision", f"{PREFIX}.created", f"{PREFIX}.source"} & set(labels)


def test_repository_of_another_user(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What git refuses to read is told in its own words, with its remedy, by each command."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    for command, fails in {"build": False, "train": False, "push": True, "kpis": True}.items():
        code, output = shop.run(command)
        assert code == fails, output
        assert output.count("detected dubious ownership in repository at") == 1, output
        assert "git config --global --add safe.directory" in output
    assert f"{PREFIX}.revision" not in shop.image().labels


# What `docker info` says of the store of images: containerd's, and the engine's own.
CONTAINERD = '[["driver-type","io.containerd.snapshotter.v1"]]'
OWN = '[["Backing Filesystem","extfs"],["Supports d_type","true"]]'


@pytest.mark.parametrize(
    ("store", "options", "form"),
    [
        # SageMaker takes Docker's own form alone.
        (CONTAINERD, [], ["--output=type=docker"]),
        (CONTAINERD, ["--attestations"], ["--sbom=true", "--provenance=mode=min"]),
        (CONTAINERD, ["--provenance=mode=max"], []),
        (CONTAINERD, ["--output", "type=oci,dest=image.tar"], []),
        (OWN, [], []),
        (OWN, ["--attestations"], []),
    ],
)
def test_form(shop: Shop, tmp_path: Path, store: str, options: list[str], form: list[str]) -> None:
    """Attestations are asked for where the engine keeps them, and a line tells where not."""
    docker = tmp_path / "docker"
    docker.write_text(
        "#!/bin/sh\n"
        f"case \"$1\" in info) echo '{store}' ;;\n"
        f'build) echo "$BUILDX_NO_DEFAULT_ATTESTATIONS" "$@" > {tmp_path}/asked ;; esac\n',
        "utf-8",
    )
    docker.chmod(0o755)

    path = f"{tmp_path}:{os.environ['PATH']}"
    result = shop.project.nox("build", *options, PATH=path)

    assert result.returncode == 0, result.stdout
    asked = (tmp_path / "asked").read_text("utf-8").split()
    assert asked[0] == "1"
    known = ("--output", "--sbom", "--provenance")
    added = [option for option in asked if option.startswith(known) and option not in options]
    assert added == form
    told = "keeps no bill of materials" in result.stdout
    assert told == (options == ["--attestations"] and not form)
