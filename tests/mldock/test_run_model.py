"""The model of a run is published whole, at success; whatever else happens, the last one stays."""

from __future__ import annotations

import json
import time
from pathlib import Path
from textwrap import dedent

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
    workspace.write_trainer("assert not list(environment.model_dir.glob('[!.]*'))" + SAVE)

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
    assert (model / ".last" / "net" / "weights").read_text() == "good"
    run.terminate()

    assert run.wait() == (0 if code else 143), run.log
    assert (model / "net" / "weights").read_text() == weights
    assert (workspace.base_dir / "model.stopped").exists() == (not code)
    assert (kept.with_name(place) / "weights").read_text() == "0.5"
    assert kept.exists() == bool(code)


@pytest.mark.parametrize(
    ("startup", "variables"),
    [("pass", {"MLDOCK_HYPERPARAMETERS": '{"epochs": "x"}'}), ("raise ValueError", {})],
    ids=["refused", "startup"],
)
def test_refused_run(
    workspace: Workspace, model: Path, kept: Path, startup: str, variables: dict[str, str]
) -> None:
    """A job that ends before it trains sends nothing of an earlier run to its place."""
    good = names(model)
    workspace.write_assets(assets(startup=startup))

    run = workspace.train(MLDOCK_MODEL_OUTPUT_CHANNEL_NET=str(kept), **variables)

    assert run.wait() == 1
    assert names(model) == good
    assert [path.name for path in kept.parent.glob("kept*")] == []


# Where a kill may leave the files of the last model, net and hand, and of the new one; then the
# model that the next run has, and the one that failed.
KILLED = {
    "moves aside": ({".moving.partial/net": "good", "hand": ""}, "good", ""),
    "trains": ({".last/net": "good", ".last/hand": "", "net": "new"}, "good", "new"),
    "trains first": ({".last/.mldock-run.json": "{}", "net": "new"}, "", "new"),
    "replaces": (
        {".replaced.partial/net": "good", ".replaced.partial/hand": "", "net": "new"},
        "new",
        "",
    ),
    "has replaced": (
        {
            ".replaced.partial/.mldock-run.json": '{"files": ["net", "old"]}',
            ".replaced.partial/hand": "",
            ".replaced.partial/old": "",
            "net": "new",
        },
        "new",
        "",
    ),
    "brings back": ({"net": "good", ".moving.partial/hand": ""}, "good", ""),
}


@pytest.mark.parametrize("moment", KILLED)
def test_killed_run(workspace: Workspace, moment: str) -> None:
    """The next run has the last good model, whatever was done of another one; nothing is lost."""
    files, weights, failed = KILLED[moment]
    model = workspace.base_dir / "model"
    for path, text in files.items():
        (model / path).parent.mkdir(parents=True, exist_ok=True)
        (model / path).write_text(text)
        if path.endswith("net"):
            run = json.dumps({"run": text, "files": [".mldock-run.json", "net"]})
            (model / path).with_name(".mldock-run.json").write_text(run)
    workspace.write_trainer("raise ValueError")

    assert workspace.train().wait() == 1
    if weights:
        assert names(model) == {".mldock-run.json", "hand", "net"}
        assert (model / "net").read_text() == weights
        assert json.loads((model / ".mldock-run.json").read_text())["run"] == weights
    if failed:
        assert (workspace.base_dir / "model.failed" / "net").read_text() == failed


@pytest.mark.parametrize("code", [0, 1])
def test_run_that_saves_nothing(workspace: Workspace, model: Path, code: int) -> None:
    """What was fetched or made before the trainer is no model: the last one stays."""
    source = workspace.path / "pretrained"
    source.mkdir()
    (source / "weights").write_text("pretrained")
    hook = "(self.environment.model_dir / 'vocabulary').touch()"
    workspace.write_assets(assets(startup=hook))
    workspace.write_trainer("pass" if not code else "raise ValueError")

    run = workspace.train(MLDOCK_MODEL_INPUT_CHANNEL_BASE=str(source))

    assert run.wait() == code, run.log
    assert (model / "net" / "weights").read_text() == "good"
    assert (f"the trainer saved no model: {model} stays as it was" in run.log) == (not code)
    assert not (workspace.base_dir / "model.failed").exists()


def test_directory_that_is_removed(workspace: Workspace, model: Path) -> None:
    """A trainer that removes the whole directory has removed the last model: it is told."""
    workspace.write_trainer("import shutil; shutil.rmtree(environment.model_dir)")

    run = workspace.train()

    assert run.wait() == 0, run.log
    assert f"the trainer has removed {model}, and with it the last model" in run.log
    assert "stays as it was" not in run.log


def test_first_run(workspace: Workspace) -> None:
    """Its directory is empty, as some libraries want it; half a model is not served."""
    workspace.write_trainer(
        """
        assert not list(environment.model_dir.iterdir())
        (environment.model_dir / "half").touch()
        wait_for(environment.model_dir / ".last")
        os.kill(os.getppid(), 9)
        os.kill(os.getpid(), 9)
        """
    )
    assert workspace.train().wait() == -9
    # Where a server looks.
    assert not list((workspace.base_dir / "model" / ".last").iterdir())


def test_trainer_that_is_left(workspace: Workspace, model: Path) -> None:
    """As long as a trainer writes whose job was killed, no other run begins."""
    workspace.write_trainer(
        'os.kill(os.getppid(), 9)\nwait_for(environment.base_dir / "go on")\n' + SAVE
    )
    assert workspace.train().wait() == -9

    refused = workspace.train()

    assert refused.wait() == 1
    assert f"another run is training into {model}" in refused.log
    (workspace.base_dir / "go on").touch()
    workspace.write_trainer("raise ValueError")
    deadline = time.monotonic() + 60
    while "another run" in (run := workspace.train()).log and time.monotonic() < deadline:
        time.sleep(0.1)
    assert (model / "net" / "weights").read_text() == "good", run.log


def test_what_others_have_put_there(workspace: Workspace, model: Path) -> None:
    """A run removes what the run before has published, and nothing else."""
    (model / "labels.txt").write_text("by hand")
    (model / "taken").write_text("by hand")
    workspace.write_trainer("(environment.model_dir / 'taken').touch()")

    assert workspace.train().wait() == 0
    assert names(model) == {".mldock-run.json", "labels.txt", "taken"}
    assert (model / "taken").read_text() == ""


def test_two_runs_at_once(workspace: Workspace, model: Path) -> None:
    """The second one is refused, and nothing of the first one changes."""
    workspace.write_trainer(
        SAVE
        + '(environment.base_dir / "training").touch(); wait_for(environment.base_dir / "go on")'
    )
    first = workspace.start("train")
    first.wait_for(workspace.base_dir / "training")
    before = names(workspace.base_dir)

    second = workspace.train()

    assert second.wait() == 1
    assert second.log.endswith(f"another run is training into {model}. Wait for its end.\n")
    assert names(workspace.base_dir) == before
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


def test_fine_tuning_in_place(workspace: Workspace, model: Path) -> None:
    """A trainer may write to what it has fetched; the last model is not what it changes."""
    source = workspace.path / "pretrained"
    source.mkdir()
    (source / "weights").write_text("pretrained")
    body = """
    path = environment.model_dir / "net" / "weights"
    assert path.read_text() == "pretrained"
    path.write_text("tuned")
    # As the clock of another machine has it.
    os.utime(path, (1, 1))
    """
    for end, code, weights in (("raise ValueError", 1, "good"), ("", 0, "tuned")):
        workspace.write_trainer(dedent(body) + end)

        run = workspace.train(MLDOCK_MODEL_INPUT_CHANNEL_NET=str(source))

        assert run.wait() == code, run.log
        assert (model / "net" / "weights").read_text() == weights
    failed = workspace.base_dir / "model.failed"
    assert (failed / "net" / "weights").read_text() == "tuned"


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


@pytest.mark.parametrize("channel", [False, True])
def test_server_during_a_run(workspace: Workspace, kept: Path, channel: bool) -> None:
    """A server that starts while a run makes another model has the last good one."""
    kept.mkdir()
    (kept / "vocabulary").touch()
    workspace.write("src/prediction.py", INVERSE)
    variables = {"MLDOCK_MODEL_INPUT_CHANNEL_BASE": str(kept)} if channel else {}
    workspace.write_trainer(SAVE.replace("weights", "factor"))
    assert workspace.train().wait() == 0
    workspace.write_trainer(WAIT)
    training = workspace.start("train")
    training.wait_for(workspace.base_dir / "training")

    run = wait_until_ready(serve(workspace, **variables))

    last = workspace.base_dir / "model" / ".last"
    assert f"it is in {last}, since a run is making another one" in run.log
    assert (last / "base" / "vocabulary").exists() == channel
    training.terminate()
    assert training.wait() == 0
    assert not last.exists()


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


def test_host_that_fails_beside_others(workspace: Workspace, model: Path) -> None:
    """What another host still writes does not reach the last model."""
    workspace.write_trainer(
        """
        if environment.is_first:
            wait_for(environment.model_dir / "net")
            raise ValueError("no")
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            (environment.model_dir / "net").mkdir(exist_ok=True)
            (environment.model_dir / "net" / "weights").write_text("half")
            time.sleep(0.01)
        """
    )
    variables = {"MLDOCK_HOSTS": "localhost,other", "MLDOCK_HOSTS_PORT": str(free_port())}
    runs = [workspace.start("train", MLDOCK_HOST_INDEX=index, **variables) for index in "01"]
    assert [run.wait() for run in runs] == [1, 1]
    assert (model / ".last" / "net" / "weights").read_text() == "good"
    workspace.write_trainer("raise ValueError")

    assert workspace.train().wait() == 1
    assert (model / "net" / "weights").read_text() == "good"
