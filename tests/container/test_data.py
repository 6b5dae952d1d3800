"""`nox -s data`: channels of mldock.json, and their files here and at their remotes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mldock import ContainerError
from mldock.cli import settings
from mldock.project import read_project

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
    before = (made.path / "mldock.json").read_bytes()
    content = (made.path / TRAINING).read_bytes()
    yield made
    for folder in ("data", ".mldock"):
        shutil.rmtree(made.path / folder, ignore_errors=True)
    (made.path / TRAINING).parent.mkdir(parents=True)
    (made.path / TRAINING).write_bytes(content)
    (made.path / "mldock.json").write_bytes(before)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a client of an S3 server, which the sessions ask too."""
    with serving(monkeypatch) as client:
        yield client


def call(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run what the session runs."""
    paths = os.pathsep.join([str(project.path), str(project.path / "src")])
    return subprocess.run(
        [sys.executable, "-m", "mldock", "data", *arguments],
        cwd=project.path,
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )


def run(project: Project, *arguments: str) -> str:
    """Run the session, which succeeds, and return what it prints."""
    result = call(project, *arguments)
    assert result.returncode == 0, result.stdout
    return result.stdout


def pack(project: Project, folder: Path) -> None:
    """Put the training data into an archive in a folder."""
    folder.mkdir()
    with tarfile.open(folder / "flowers.tar.gz", "w:gz") as archive:
        archive.add(project.path / TRAINING, "flowers.csv")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ("pull", 1, "No input channel has a remote. Give it one: nox -s data -- add NAME REMOTE"),
        ("pull x", 1, "no such channel 'x'; it has: training (data)."),
        (
            "pull training --stage dev",
            1,
            "training has no remote. Give it one: "
            "nox -s data -- add training REMOTE --stage dev --replace",
        ),
        ("pull classifier --stage prod", 1, "no such channel 'classifier'; it has: training"),
        ("push", 2, "the following arguments are required: NAME"),
        ("push training x", 1, "no such channel 'x'; it has: training (data)."),
        ("push training", 1, "training has no remote. Give it one: "),
        ("push classifier --stage prod", 1, ".mldock/model/classifier has no files to store."),
        ("add a/b", 1, "'a/b' is not a channel name. Use 1 to 64 letters, digits"),
        ("add X", 1, "'X' would become 'x'. Write it like that."),
        ("add x ftp://u/v", 1, "REMOTE=ftp://u/v: no platform moves ftp://. Use a path or one of"),
        ("add x y --unpack --output", 1, "Only an input with a remote is unpacked."),
        ("add classifier --model --output --stage prod", 1, "To change it, add --replace."),
        ("remove x --model", 1, "mldock.json has no model input channel 'x'; it has: no channel"),
        ("", 2, "the following arguments are required: list|pull|push|add|remove"),
    ],
)
def test_message(project: Project, arguments: str, code: int, message: str) -> None:
    """A mistake is told with what to do, and changes nothing."""
    before = (project.path / "mldock.json").read_bytes()

    result = call(project, *arguments.split())

    assert message in result.stdout
    assert result.returncode == code
    assert "Traceback" not in result.stdout
    assert (project.path / "mldock.json").read_bytes() == before
    assert not list(project.path.glob("mldock.json.*"))


def test_list(project: Project) -> None:
    """Each channel has a line: where it is, and what of it is here."""
    here = run(project, "list")
    prod = run(project, "list", "--stage", "prod")

    assert "training  data  input      data/training/  1      3.9 kB\n" in here
    assert "classifier" not in here
    assert "s3://iris/training  1      3.9 kB\n" in prod
    assert "classifier  model  output     s3://iris/model     0      0 bytes\n" in prod
    run(project, "remove", "training")
    assert "no channels. Add one: nox -s data -- add NAME [REMOTE]" in run(project, "list")


def test_add_and_remove(project: Project) -> None:
    """A channel gets into its list and out of it; the rest of the file stays, to the byte."""
    path = project.path / "mldock.json"
    before = path.read_bytes()
    options = ["--stage", "prod", "--model", "--output"]

    run(project, "add", "groese", "gs://b/ü", *options)
    assert "ü" in path.read_text("utf-8")
    # --replace leaves nothing of its namesake.
    run(project, "add", "groese", "gs://b/v", "--replace", *options)
    replaced = json.loads(path.read_bytes())["stages"]["prod"]["model"][-1]
    output = run(project, "remove", "groese", *options)

    assert replaced == {"name": "groese", "remote": "gs://b/v", "direction": "output"}
    assert "Its files stay where they are" in output
    assert path.read_bytes() == before


def test_what_is_not_valid_is_not_written(tmp_path: Path, made: Project) -> None:
    """The file is replaced as a whole, by one that can be read; a new project's has its form."""
    path = tmp_path / "mldock.json"
    path.write_text('{"image_name": "x"}', "utf-8")
    path.chmod(0o640)

    with pytest.raises(ContainerError, match="image_name: "):
        settings.write_settings(path, {"image_name": 1})
    with pytest.raises(ContainerError, match=r"data\.0\.name: "):
        settings.write_settings(path, {"image_name": "x", "data": [{"name": ".."}]})
    assert path.read_text("utf-8") == '{"image_name": "x"}'

    settings.write_settings(path, {"image_name": "ü"})
    assert path.read_bytes() == '{\n  "image_name": "ü"\n}\n'.encode()
    assert read_project(path).image_name == "ü"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in tmp_path.iterdir()] == ["mldock.json"]
    fresh = (made.path / "mldock.json").read_text("utf-8")
    assert settings.text_of(json.loads(fresh)) == fresh


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

    # An empty remote is named with its channel.
    run(project, "add", "other", "s3://iris/none")
    result = call(project, "pull", "other")
    assert result.returncode == 1
    assert "other=s3://iris/none: nothing is stored there." in result.stdout


def test_archives(project: Project, tmp_path: Path) -> None:
    """Archives are unpacked into their folder, which is not stored in their place."""
    pack(project, tmp_path / "packed")
    run(project, "add", "packed", str(tmp_path / "packed"), "--unpack")

    run(project, "pull", "packed")

    assert [path.name for path in (project.path / "data/packed").iterdir()] == ["flowers.csv"]
    refused = call(project, "push", "packed")
    assert (refused.returncode, "packed is unpacked: store" in refused.stdout) == (1, True)
    assert [path.name for path in (tmp_path / "packed").iterdir()] == ["flowers.tar.gz"]


def test_train_from_archives(project: Project) -> None:
    """A training fetches the archives that mldock.json names, and leaves the local folder alone.

    A relative path starts at the project, wherever the command is given.
    """
    before = (project.path / TRAINING).read_bytes()
    trained = project.nox("train")
    assert trained.returncode == 0, trained.stdout
    pack(project, project.path.parent / "packed")
    run(project, "add", "training", "../packed", "--unpack", "--stage", "dev")
    (project.path / TRAINING).write_text("mine", "utf-8")

    command = [sys.executable, "-m", "nox", "-f", str(project.path / "noxfile.py"), "-s", "train"]
    subprocess.run([*command, "--", "--stage", "dev"], cwd=project.path.parent, check=True)

    assert (project.path / ".mldock/input/data/training/flowers.csv").read_bytes() == before
    assert (project.path / TRAINING).read_text("utf-8") == "mine"
    shutil.rmtree(project.path.parent / "packed")
