"""`nox -s data -- list`, `add` and `remove`: mldock.json keeps all that is not the channel's."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.project import Project, generate


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project whose stage prod has its channels on S3."""
    return generate(tmp_path_factory.mktemp("data") / "iris", template="generic", storage="s3")


@pytest.fixture
def project(made: Project) -> Iterator[Project]:
    """Return the project; its settings are the same again after the test."""
    before = (made.path / "mldock.json").read_bytes()
    yield made
    (made.path / "mldock.json").write_bytes(before)


def run(project: Project, *arguments: str) -> str:
    """Run the session, which succeeds, and return what it prints."""
    result = project.nox("data", *arguments)
    assert result.returncode == 0, result.stdout
    return result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ("list --stage live", 1, "no stage 'live'; it has: dev, test, prod"),
        ("pull", 1, "No input channel has a remote. Give it one: nox -s data -- add NAME REMOTE"),
        ("pull x", 1, "no such channel 'x'; it has: training (data)."),
        ("pull training --model", 1, "no such channel 'training'; it has: none."),
        (
            "pull training --stage dev",
            1,
            "training has no remote. Give it one: "
            "nox -s data -- add training REMOTE --stage dev --replace",
        ),
        ("pull classifier --stage prod", 1, "classifier is an output channel"),
        ("push", 1, "Say which channels to store: names, or --all and no name."),
        ("push training --all", 1, "Say which channels to store"),
        ("push --all", 1, "No channel has a remote to store at. Give it one: "),
        ("push training", 1, "training has no remote. Give it one: "),
        ("push classifier --stage prod", 1, ".mldock/model/classifier has no files to store."),
        ("add a/b", 1, "'a/b' is not a channel name. Use 1 to 64 letters, digits"),
        ("add ..", 1, "'..' is not a channel name."),
        ("add X", 1, "'X' would become 'x'. Write it like that."),
        ("add x ftp://u/v", 1, "REMOTE=ftp://u/v: no platform moves ftp://. Use a path or one of"),
        ("add x s3://", 1, "s3:// names no bucket. Write s3://BUCKET/PREFIX."),
        ("add x file://host/v", 1, "it names the host 'host'. Write file:///path."),
        ("add x y --unpack --output", 1, "Only an input with a remote is unpacked."),
        ("add x --stage live", 1, "no stage 'live'; it has: dev, test, prod"),
        ("add training", 1, "has the data input channel 'training' already: "),
        ("add classifier --model --output --stage prod", 1, "To change it, add --replace."),
        ("remove training --output", 1, "mldock.json has no data output channel 'training'; it"),
        ("remove x --model", 1, "mldock.json has no model input channel 'x'; it has: no channel"),
        ("remove training --stage dev", 1, "The stage 'dev' of mldock.json has no data input"),
        ("fetch", 2, "invalid choice: 'fetch'"),
        ("", 2, "the following arguments are required: list|pull|push|add|remove"),
    ],
)
def test_message(project: Project, arguments: str, code: int, message: str) -> None:
    """A mistake is told with what to do, and changes nothing."""
    before = (project.path / "mldock.json").read_bytes()

    result = project.nox("data", *arguments.split())

    assert message in result.stdout
    assert result.returncode == code
    assert "Traceback" not in result.stdout
    assert (project.path / "mldock.json").read_bytes() == before
    assert not list(project.path.glob("mldock.json.*"))


def test_list(project: Project) -> None:
    """Each channel has a line: where it lies, and what of it is here."""
    here = run(project, "list")
    prod = run(project, "list", "--stage", "prod")

    assert "training  data  input      data/training/  1            3.86 kB\n" in here
    assert "classifier" not in here
    assert "s3://iris/training  1            3.86 kB\n" in prod
    assert "classifier  model  output     s3://iris/model     0            0 B\n" in prod


def test_list_without_channels(project: Project) -> None:
    """Where there is nothing to list, the way to add it is told."""
    run(project, "remove", "training")

    assert "no channels. Add one: nox -s data -- add NAME [REMOTE]" in run(project, "list")


@pytest.mark.parametrize(
    "options",
    ["", "--model", "--output", "--model --output", "--stage dev", "--stage prod --model"],
)
def test_add_and_remove(project: Project, options: str) -> None:
    """A channel gets into its list and out of it; the rest of the file stays, to the byte."""
    path = project.path / "mldock.json"
    before = path.read_bytes()

    run(project, "add", "groese", "gs://b/ü", *options.split())
    added = json.loads(path.read_bytes())
    assert "ü" in path.read_text("utf-8")
    output = run(project, "remove", "groese", *options.split())

    place = added["stages"][options.split()[1]] if "--stage" in options else added
    entry = {"name": "groese", "remote": "gs://b/ü"}
    if "--output" in options:
        entry["direction"] = "output"
    assert place["model" if "--model" in options else "data"][-1] == entry
    assert "its files stay where they are" in output
    assert path.read_bytes() == before


def test_replace(project: Project) -> None:
    """--replace puts a channel in the place of its namesake, with nothing of it left."""
    run(project, "add", "a", "../a", "--unpack")
    run(project, "add", "b")
    run(project, "add", "a", "--replace")

    settings = json.loads((project.path / "mldock.json").read_bytes())
    assert settings["data"] == [{"name": "training"}, {"name": "a"}, {"name": "b"}]
