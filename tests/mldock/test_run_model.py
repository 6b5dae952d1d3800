"""The model of a run is published whole, at success; whatever else happens, the last one stays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.client import free_port
from tests.mldock.serving import INVERSE, serve, wait_until_ready
from tests.mldock.workspace import SAVE, Workspace, assets

GOOD = SAVE + '(environment.model_dir / "of the last run").touch()'
WAIT = """
(environment.base_dir / "training").touch()
wait_for(environment.base_dir / "never")
"""


@pytest.fixture
def model(workspace: Workspace) -> Path:
    """Return the directory of the model of a good run."""
    workspace.write_trainer(GOOD)
    assert workspace.train().wait() == 0
    (workspace.base_dir / "model" / "net" / "weights").write_text("good")
    return workspace.base_dir / "model"


def names(directory: Path) -> set[str]:
    """Return what is in a directory."""
    return {path.relative_to(directory).as_posix() for path in directory.rglob("*")}


def test_success_replaces_all(workspace: Workspace, model: Path) -> None:
    """Nothing of the run before is left, and the file says of which run the model is."""
    before = json.loads((model / ".mldock-run.json").read_text())
    workspace.write_trainer("assert not list(environment.model_dir.iterdir())" + SAVE)

    run = workspace.train()

    assert run.wait() == 0, run.log
    assert names(model) == {".mldock-run.json", "net", "net/weights"}
    assert (model / "net" / "weights").read_text() == "0.5"
    after = json.loads((model / ".mldock-run.json").read_text())
    assert after["run"] > before["run"]
    (newest,) = sorted((workspace.base_dir / "output/data/runs").iterdir())[-1:]
    assert after["run"] == newest.stem


@pytest.mark.parametrize(
    "end", ["raise ValueError('no')", "os.kill(os.getpid(), 9)", "import sys; sys.exit(1)"]
)
def test_failed_run(workspace: Workspace, model: Path, kept: Path, end: str) -> None:
    """What it saved before its fault is beside the last good model, here and at its place."""
    good = names(model)
    workspace.write_trainer(f"{SAVE}\n{end}")

    run = workspace.train(MLDOCK_MODEL_OUTPUT_CHANNEL_NET=str(kept))

    assert run.wait() == 1
    assert names(model) == good
    assert (model / "net" / "weights").read_text() == "good"
    failed = workspace.base_dir / "model.failed"
    assert (failed / "net" / "weights").read_text() == "0.5"
    assert f"the model of this run is in {failed}; the last good one stays" in run.log
    assert names(kept.with_name("kept.failed")) == {".mldock-manifest.json", "weights"}
    assert not kept.exists()


def test_owner_refuses_the_model(workspace: Workspace, model: Path) -> None:
    """What an owner checks in `cleanup`, such as a metric, decides too."""
    workspace.write_assets(assets(cleanup="raise ValueError('worse than the last one')"))

    assert workspace.train().wait() == 1
    assert (model / "net" / "weights").read_text() == "good"


@pytest.mark.parametrize(
    ("code", "weights", "place"), [("", "good", "kept.stopped"), ("0", "0.5", "kept")]
)
def test_stopped_run(
    workspace: Workspace, model: Path, kept: Path, code: str, weights: str, place: str
) -> None:
    """Where a stop is orderly, as in the image, what it saved is the model; elsewhere it is not."""
    workspace.write_trainer(SAVE + WAIT)
    run = workspace.start(
        "train", MLDOCK_STOPPED_EXIT_CODE=code, MLDOCK_MODEL_OUTPUT_CHANNEL_NET=str(kept)
    )
    run.wait_for(workspace.base_dir / "training")
    assert (model / "net" / "weights").read_text() == "good"
    run.terminate()

    assert run.wait() == (0 if code else 143), run.log
    assert (model / "net" / "weights").read_text() == weights
    assert (workspace.base_dir / "model.stopped").exists() == (not code)
    assert (kept.with_name(place) / "weights").read_text() == "0.5"
    assert kept.exists() == bool(code)


@pytest.mark.parametrize(
    ("startup", "variables", "half"),
    [
        ("pass", {"MLDOCK_HYPERPARAMETERS": '{"epochs": "x"}'}, "model/.new-0.partial"),
        ("raise ValueError", {}, "model.failed"),
    ],
    ids=["refused", "startup"],
)
def test_refused_run(
    workspace: Workspace,
    model: Path,
    kept: Path,
    startup: str,
    variables: dict[str, str],
    half: str,
) -> None:
    """One that ends before it trains sends nothing to its place; what one left is not lost."""
    good = names(model)
    # As one leaves it that was killed.
    (model / ".new-0.partial" / "net").mkdir(parents=True)
    (model / ".new-0.partial" / "net" / "weights").write_text("half")
    workspace.write_assets(assets(startup=startup))

    run = workspace.train(MLDOCK_MODEL_OUTPUT_CHANNEL_NET=str(kept), **variables)

    assert run.wait() == 1
    assert (workspace.base_dir / half / "net" / "weights").read_text() == "half"
    assert {name for name in names(model) if ".new" not in name} == good
    assert [path.name for path in kept.parent.glob("kept*")] == []


@pytest.mark.parametrize("moved", [(), ("a",), ("a", "b")])
def test_killed_while_it_published(
    workspace: Workspace, model: Path, moved: tuple[str, ...]
) -> None:
    """The next run goes on where it was: its model is whole, and the one before is gone."""
    new = model / ".new-0.partial"
    new.mkdir()
    for name in "ab":
        (model / name if name in moved else new / name).write_text("new")
    (new / ".mldock-run.json").write_text('{"run": "killed", "files": ["a", "b"]}')
    workspace.write_trainer("raise ValueError")

    assert workspace.train().wait() == 1
    assert names(model) == {".mldock-run.json", "a", "b"}
    assert {(model / name).read_text() for name in "ab"} == {"new"}
    assert json.loads((model / ".mldock-run.json").read_text())["run"] == "killed"


@pytest.mark.parametrize(
    "trainer",
    ["pass", "import shutil; shutil.rmtree(environment.model_dir)"],
    ids=["nothing", "removed"],
)
@pytest.mark.parametrize("code", [0, 1])
def test_run_that_saves_nothing(workspace: Workspace, model: Path, trainer: str, code: int) -> None:
    """A trainer that makes no model, as one that only measures, leaves the last one."""
    workspace.write_trainer(f"{trainer}\n" + "raise ValueError" * code)

    run = workspace.train()

    assert run.wait() == code
    assert (model / "net" / "weights").read_text() == "good"
    assert ("the trainer saved nothing in" in run.log) == (not code)
    assert not (workspace.base_dir / "model.failed").exists()


def test_what_others_have_put_there(workspace: Workspace, model: Path) -> None:
    """A run removes what the run before has published, and nothing else."""
    (model / "labels.txt").write_text("by hand")
    workspace.write_trainer("(environment.base_dir / 'model/by path').touch()" + SAVE)

    assert workspace.train().wait() == 0
    assert names(model) == {".mldock-run.json", "by path", "labels.txt", "net", "net/weights"}


def test_two_runs_at_once(workspace: Workspace, model: Path) -> None:
    """The second one is refused, and the first one does not notice it."""
    workspace.write_trainer(
        SAVE
        + '(environment.base_dir / "training").touch(); wait_for(environment.base_dir / "go on")'
    )
    first = workspace.start("train")
    first.wait_for(workspace.base_dir / "training")

    second = workspace.train()

    assert second.wait() == 1
    assert f"another run is training into {model}. Wait for its end." in second.log
    (workspace.base_dir / "go on").touch()
    assert first.wait() == 0, first.log
    assert (model / "net" / "weights").read_text() == "0.5"


def test_fetched_model(workspace: Workspace, model: Path) -> None:
    """A model that a run starts from is fetched once, and is part of the run's model."""
    source = workspace.path / "pretrained"
    source.mkdir()
    (source / "weights").write_text("pretrained")
    workspace.write_trainer('assert (environment.model_dir / "base" / "weights").is_file()' + SAVE)

    for message in ("1 files", "0 files"):
        run = workspace.train(MLDOCK_MODEL_INPUT_CHANNEL_BASE=str(source))

        assert run.wait() == 0, run.log
        assert (model / "base" / "weights").read_text() == "pretrained"
        assert f"CHANNEL_BASE: {message}" in run.log, run.log

    # It is no result by itself: a run that is stopped before it has one publishes nothing.
    workspace.write_trainer("raise StopRequested")
    run = workspace.train(MLDOCK_MODEL_INPUT_CHANNEL_BASE=str(source))

    assert run.wait() == 0
    assert "CHANNEL_BASE: 0 files" in run.log, run.log
    assert (model / "base" / "weights").read_text() == "pretrained"
    assert (model / "net" / "weights").is_file()


def test_server_names_the_run(workspace: Workspace) -> None:
    """Who serves sees of which run the model is; a failed one after it changes nothing."""
    workspace.write("src/prediction.py", INVERSE)
    save = SAVE.replace("weights", "factor")
    workspace.write_trainer(save)
    assert workspace.train().wait() == 0
    (good,) = (workspace.base_dir / "output/data/runs").iterdir()
    workspace.write_trainer(f"{save}\nraise ValueError('no')")
    assert workspace.train().wait() == 1

    run = wait_until_ready(serve(workspace))

    assert f"the model is that of the run {good.stem}" in run.log


def test_hosts_that_share_a_disk(workspace: Workspace) -> None:
    """They have one directory, and the first host publishes what all have saved."""
    workspace.write_trainer(
        """
        (environment.base_dir / f"training-{environment.rank}").touch()
        wait_for(environment.base_dir / f"training-{1 - environment.rank}")
        (environment.model_dir / environment.current_host).touch()
        """
    )
    model = workspace.base_dir / "model"
    (model / "lost+found").mkdir(parents=True)
    variables = {"MLDOCK_HOSTS": "localhost,other", "MLDOCK_HOSTS_PORT": str(free_port())}
    runs = [workspace.start("train", MLDOCK_HOST_INDEX=index, **variables) for index in "01"]

    for run in runs:
        assert run.wait() == 0, run.log
    assert names(model) == {".mldock-run.json", "localhost", "lost+found", "other"}
