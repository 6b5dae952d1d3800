"""`nox -s data -- pull` and `push`: the files of a channel here and at its remote."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.container.s3 import serving
from tests.project import Project, generate

TRAINING = "data/training/flowers.csv"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project whose stage prod has its channels on S3."""
    return generate(tmp_path_factory.mktemp("data") / "iris", template="generic", storage="s3")


@pytest.fixture
def project(made: Project) -> Iterator[Project]:
    """Return the project; its settings and its data are the same again after the test."""
    settings = (made.path / "mldock.json").read_bytes()
    content = (made.path / TRAINING).read_bytes()
    yield made
    for folder in ("data", ".mldock"):
        shutil.rmtree(made.path / folder, ignore_errors=True)
    (made.path / TRAINING).parent.mkdir(parents=True)
    (made.path / TRAINING).write_bytes(content)
    (made.path / "mldock.json").write_bytes(settings)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a client of an S3 server, which the sessions ask too."""
    with serving(monkeypatch) as client:
        yield client


def run(project: Project, *arguments: str) -> str:
    """Run the session, which succeeds, and return what it prints."""
    result = project.nox("data", *arguments)
    assert result.returncode == 0, result.stdout
    return result.stdout


def pack(project: Project, folder: Path) -> None:
    """Put the training data into an archive in a folder."""
    folder.mkdir()
    with tarfile.open(folder / "flowers.tar.gz", "w:gz") as archive:
        archive.add(project.path / TRAINING, "flowers.csv")


def test_push_and_pull(project: Project, s3: Any) -> None:
    """What one machine stores, another fetches; a model goes to the remote of the model."""
    content = (project.path / TRAINING).read_bytes()
    model = project.path / ".mldock/model/classifier"
    model.mkdir(parents=True)
    (model / "model.json").write_text("{}", "utf-8")

    run(project, "push", "training", "classifier", "--stage", "prod")
    keys = {item["Key"] for item in s3.list_objects_v2(Bucket="iris")["Contents"]}
    assert {"training/flowers.csv", "model/model.json"} < keys

    (project.path / TRAINING).unlink()
    run(project, "pull", "--stage", "prod")
    assert (project.path / TRAINING).read_bytes() == content

    run(project, "add", "classifier", "s3://iris/model", "--model")
    shutil.rmtree(model)
    run(project, "pull", "classifier")
    assert [path.name for path in model.iterdir()] == ["model.json"]


def test_nothing_there(project: Project, s3: Any) -> None:
    """An empty remote is named with its channel."""
    assert s3
    run(project, "add", "other", "s3://iris/none")

    result = project.nox("data", "pull", "other")

    assert result.returncode == 1
    assert "\nother=s3://iris/none: nothing lies there." in result.stdout


def test_push_all(project: Project, tmp_path: Path) -> None:
    """All means those with a remote that takes the folder as it is, of the kind that is asked."""
    pack(project, tmp_path / "packed")
    run(project, "add", "packed", str(tmp_path / "packed"), "--unpack")
    run(project, "add", "training", str(tmp_path / "training"), "--replace")
    run(project, "add", "report", str(tmp_path / "report"), "--output")
    run(project, "add", "local")
    report = project.path / ".mldock/output/report"
    report.mkdir(parents=True)
    (report / "r.txt").write_text("r", "utf-8")

    run(project, "push", "--all", "--output")
    assert (tmp_path / "report/r.txt").is_file()
    assert not (tmp_path / "training").exists()

    run(project, "push", "--all")
    assert (tmp_path / "training/flowers.csv").is_file()
    assert [path.name for path in (tmp_path / "packed").iterdir()] == ["flowers.tar.gz"]


def test_archives_are_unpacked(project: Project, tmp_path: Path) -> None:
    """Of archives only their content is in the folder, and it is not stored in their place."""
    pack(project, tmp_path / "packed")
    run(project, "add", "flowers", str(tmp_path / "packed"), "--unpack")

    run(project, "pull", "flowers")
    result = project.nox("data", "push", "flowers")

    assert [path.name for path in (project.path / "data/flowers").iterdir()] == ["flowers.csv"]
    assert {path.name for path in (project.path / "data").iterdir()} == {"flowers", "training"}
    assert "flowers is fetched as archives" in result.stdout
    assert result.returncode == 1


def test_relative_remote(project: Project, tmp_path: Path) -> None:
    """A relative path starts at the project, wherever the command is given."""
    run(project, "add", "training", "../kept", "--replace")
    command = [sys.executable, "-m", "nox", "-f", str(project.path / "noxfile.py"), "-s", "data"]

    subprocess.run([*command, "--", "push", "training"], cwd=tmp_path, check=True, timeout=60)

    assert (project.path.parent / "kept/flowers.csv").is_file()
    shutil.rmtree(project.path.parent / "kept")


def test_train_from_archives(project: Project) -> None:
    """A training fetches the archives that mldock.json names, and leaves the local folder alone."""
    before = (project.path / TRAINING).read_bytes()
    trained = project.nox("train")
    assert trained.returncode == 0, trained.stdout
    pack(project, project.path.parent / "packed")
    run(project, "add", "training", "../packed", "--unpack", "--stage", "dev")
    (project.path / TRAINING).write_text("mine", "utf-8")

    trained = project.nox("train", "--stage", "dev")

    assert trained.returncode == 0, trained.stdout
    assert (project.path / ".mldock/input/data/training/flowers.csv").read_bytes() == before
    assert (project.path / TRAINING).read_text("utf-8") == "mine"
    shutil.rmtree(project.path.parent / "packed")


@pytest.mark.parametrize(
    ("stage", "place"), [([], "../all"), (["--stage", "dev"], "../all"), (["--stage", "test"], "x")]
)
def test_checkpoints(project: Project, stage: list[str], place: str) -> None:
    """A training is told where its checkpoints outlast it; a stage has the last word."""
    path = project.path / "mldock.json"
    settings = json.loads(path.read_bytes()) | {"checkpoints": "../all"}
    settings["stages"]["test"]["checkpoints"] = "x"
    path.write_text(json.dumps(settings), "utf-8")
    # In the place of the program that would train.
    program = project.path / "src/container/executor.sh"
    text = program.read_text("utf-8")
    program.write_text('#!/bin/sh\necho "to $MLDOCK_CHECKPOINTS."\n', "utf-8")

    trained = project.nox("train", *stage)
    program.write_text(text, "utf-8")

    assert f"to {place}." in trained.stdout
