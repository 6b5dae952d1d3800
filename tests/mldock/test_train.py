"""`executor.sh train`, as a platform runs it: what becomes of inputs, outputs and failures."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.mldock.workspace import SAVE, Workspace, assets


def test_inputs_reach_the_trainer_and_outputs_are_kept(workspace: Workspace, kept: Path) -> None:
    """Channels are filled before and kept after; the failure of an earlier job is gone."""
    (workspace.path / "iris.csv").write_text("1,2")
    workspace.write(
        "mldock.json",
        """{"image_name": "x", "stages": {"prod": {"hyperparameters": {"epochs": "3"}}}}""",
    )
    workspace.write_trainer(
        """
        assert hyperparameters.epochs == 3
        text = (environment.channel("iris") / "iris.csv").read_text()
        (environment.model_dir / "net").mkdir()
        (environment.model_dir / "net" / "weights").write_text(text)
        sys.exit(0)
        """
    )
    failure = workspace.base_dir / "output" / "failure"
    failure.parent.mkdir()
    failure.write_text("of an earlier job")

    run = workspace.train(
        MLDOCK_STAGE="prod",
        MLDOCK_INPUT_CHANNEL_IRIS=str(workspace.path / "iris.csv"),
        MLDOCK_OUTPUT_MODEL_CHANNEL_NET=str(kept),
    )

    assert run.wait() == 0, run.log
    assert (kept / "weights").read_text() == "1,2"
    assert 'hyperparameters: {"epochs":3}' in run.log
    assert not failure.exists()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise ValueError('the loss is NaN')", "ValueError: the loss is NaN"),
        ("sys.exit(3)", "the trainer called sys.exit(3)"),
        ("sys.exit('the loss is NaN')", "the loss is NaN\n"),
        (r"raise ValueError('no file caf\udce9.csv')", r"ValueError: no file caf\udce9.csv"),
        ("os.kill(os.getpid(), 9)", "the trainer was killed by SIGKILL, as happens where memory"),
        ("import ctypes\nctypes.string_at(0)", "the trainer was killed by SIGSEGV"),
        ("os._exit(7)", "the trainer ended with 7"),
    ],
    ids=[
        "raises",
        "exits",
        "exits with a reason",
        "no text",
        "killed",
        "segmentation fault",
        "dies",
    ],
)
def test_failing_trainer(workspace: Workspace, kept: Path, body: str, reason: str) -> None:
    """Exit code 1, the reason in file and log; outputs are kept, the model beside the last good."""
    kept.mkdir()
    (kept / "weights").write_text("good")
    workspace.write_trainer(f"{SAVE}\n(environment.output_data_dir / 'log').touch()\n{body}")

    run = workspace.train(
        MLDOCK_OUTPUT_MODEL_CHANNEL_NET=str(kept),
        MLDOCK_OUTPUT_CHANNEL_DATA=str(workspace.path / "output"),
    )

    assert run.wait() == 1
    assert workspace.failure.startswith(reason)
    assert reason in run.log
    assert (kept / "weights").read_text() == "good"
    assert (kept.with_name("kept.failed") / "weights").read_text() == "0.5"
    assert (workspace.path / "output" / "log").is_file()


def test_hyperparameters_without_end(workspace: Workspace) -> None:
    """What JSON has no word for is logged, and in the file of the run, as it is."""
    workspace.write_trainer("(environment.model_dir / 'weights').touch()")
    path, field = workspace.src / "trainer.py", "patience: float = Field(allow_inf_nan=True)"
    text = path.read_text("utf-8").replace(
        "epochs: int = 1", f"{field}\n    steps: list[float] = [-1e999]"
    )
    path.write_text("from pydantic import Field\n" + text, "utf-8")

    run = workspace.train(MLDOCK_HYPERPARAMETERS='{"patience": "NaN"}')

    assert run.wait() == 0, run.log
    assert 'hyperparameters: {"patience":"nan","steps":["-inf"]}' in run.log
    (noted,) = (workspace.base_dir / "output" / "data" / "runs").iterdir()
    first = json.loads(noted.read_text("utf-8").splitlines()[0], parse_constant=pytest.fail)
    assert first["hyperparameters"] == {"patience": "nan", "steps": ["-inf"]}


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        (
            {"MLDOCK_OUTPUT_CHANNEL_OUT": '"s3://bucket/out"'},
            'MLDOCK_OUTPUT_CHANNEL_OUT="s3://bucket/out": there are quotes',
        ),
        (
            {"MLDOCK_OUTPUT_CHANNEL_OUT": "DIR/a-file"},
            "MLDOCK_OUTPUT_CHANNEL_OUT=DIR/a-file: a file",
        ),
        (
            {"MLDOCK_OUTPUT_CHANNEL_OUT": "ftp://x"},
            "MLDOCK_OUTPUT_CHANNEL_OUT=ftp://x: no platform",
        ),
        (
            {"MLDOCK_INPUT_CHANNEL_A/B": "/x"},
            "MLDOCK_INPUT_CHANNEL_A/B: 'A/B' is not a channel name",
        ),
        ({"MLDOCK_INPUT_CHANNEL_A": "/nowhere"}, "MLDOCK_INPUT_CHANNEL_A=/nowhere: nothing is"),
        (
            {"MLDOCK_INPUT_CHANNEL_A": "/x", "MLDOCK_INPUT_CHANNEL_a": "/y"},
            "MLDOCK_INPUT_CHANNEL_A and MLDOCK_INPUT_CHANNEL_a name the same channel",
        ),
        ({"MLDOCK_UNPACK_CHANNELS": "a"}, "MLDOCK_UNPACK_CHANNELS names a, which no input channel"),
        ({"MLDOCK_CHECKPOINTS": "ftp://x"}, "MLDOCK_CHECKPOINTS=ftp://x: no platform moves"),
        ({"MLDOCK_CHECKPOINTS": "DIR/a-file"}, "MLDOCK_CHECKPOINTS=DIR/a-file: a file is stored"),
        ({"MLDOCK_HYPERPARAMETERS": '{"epochs": "ten"}'}, "hyperparameter epochs: Input should be"),
        (
            {"MLDOCK_HYPERPARAMETERS": '{"epoch": 1}'},
            "MLDOCK_HYPERPARAMETERS: there is no hyperpar",
        ),
        ({"MLDOCK_HYPERPARAMETERS": "{"}, "MLDOCK_HYPERPARAMETERS is not JSON"),
        ({"MLDOCK_HYPERPARAMETERS": '{"epochs": NaN}'}, "hyperparameter epochs: Input should be a"),
        ({"MLDOCK_STAGE": "production"}, "mldock.json has no stage 'production'"),
        ({"MLDOCK_STOP_GRACE": "nan"}, "MLDOCK_STOP_GRACE=nan is no positive number"),
        ({"MLDOCK_STOPPED_EXIT_CODE": "256"}, "MLDOCK_STOPPED_EXIT_CODE"),
        (
            {"mldock.json": '{"image_name": "x",\n\n'},
            "DIR/mldock.json is not valid. line 1: the file ends too",
        ),
        (
            {"mldock.json": '{"image_name": "x", "tags": 1}'},
            "DIR/mldock.json is not valid. tags: there is no",
        ),
        (
            {"mldock.json": '{"image_name": "x", "hosts": 0}'},
            "DIR/mldock.json is not valid. hosts: Input sho",
        ),
    ],
)
def test_refusal_before_the_start(
    workspace: Workspace, variables: dict[str, str], told: str
) -> None:
    """It is told once, though every step fails by it, and by the name of no module."""
    workspace.write_trainer("(environment.base_dir / 'trained').touch()")
    workspace.write("a-file", "")
    if text := variables.pop("mldock.json", ""):
        workspace.write("mldock.json", text)
    folder = str(workspace.path)

    run = workspace.train(**{key: one.replace("DIR", folder) for key, one in variables.items()})

    assert run.wait() == 1
    assert not (workspace.base_dir / "trained").exists()
    assert workspace.failure.startswith(told.replace("DIR", folder))
    assert len(workspace.failure.splitlines()) == 1
    errors = [line for line in run.log.splitlines() if "ERROR" in line]
    assert [line.partition(" train: ")[2] for line in errors] == [workspace.failure.strip()]
    assert "Traceback" not in run.log
    assert not re.search(r"mldock\.(?!json)\w|trainer\.(?!py)|pydantic|Error", workspace.failure)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def train(:\n", "SyntaxError: "),
        ("", "AttributeError: module 'trainer' has no attribute 'Hyperparameters'"),
    ],
    ids=["syntax", "empty"],
)
def test_trainer_that_cannot_be_imported(workspace: Workspace, text: str, reason: str) -> None:
    """A mistake in trainer.py is the first line of the failure file, the traceback is below."""
    workspace.write("src/trainer.py", text)

    assert workspace.train().wait() == 1
    first, *lines = workspace.failure.splitlines()
    assert first.startswith(reason)
    assert "Traceback (most recent call last):" in lines
    assert "trainer" in workspace.failure


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "src/trainer.py is missing. Restore it, and let every user read it."),
        (
            "import lightgbn\n",
            "lightgbn is not installed, and src/trainer.py needs it: add lightgbn to "
            "src/requirements.txt, or its file to src/.",
        ),
        (
            "raise OSError('libgomp.so.1: cannot open shared object file: No such file')\n",
            "libgomp.so.1 is not on this machine, and src/trainer.py needs it: install libgomp1, "
            "and add it to src/apt.txt for the image.",
        ),
    ],
    ids=["trainer", "package", "library"],
)
def test_trainer_that_lacks_something(workspace: Workspace, text: str | None, reason: str) -> None:
    """What is missing, and where to add it, is all that the failure file tells."""
    if text is not None:
        workspace.write("src/trainer.py", text)

    assert workspace.train().wait() == 1
    assert workspace.failure.splitlines() == [reason]


def test_upload_that_fails_is_a_failure(workspace: Workspace, kept: Path) -> None:
    """A trained model that could not be saved is no success; the other outputs are saved."""
    workspace.write_trainer(SAVE)

    run = workspace.train(
        MLDOCK_OUTPUT_CHANNEL_REPORT="/elsewhere", MLDOCK_OUTPUT_MODEL_CHANNEL_NET=str(kept)
    )

    assert run.wait() == 1
    assert workspace.failure.startswith(
        "These outputs were not saved: MLDOCK_OUTPUT_CHANNEL_REPORT"
    )
    assert (kept / "weights").is_file()


def test_cause_comes_before_its_consequence(workspace: Workspace) -> None:
    """A trainer that failed, and then its outputs too: the upload's failure is told last."""
    place = workspace.base_dir / "kept"
    spoil = "(environment.base_dir / 'kept.failed').touch()"
    workspace.write_trainer(f"{SAVE}\n{spoil}\nraise ValueError('the loss is NaN')")
    workspace.train(MLDOCK_MODEL_OUTPUT_CHANNEL_NET=str(place))

    assert workspace.failure.startswith("ValueError: the loss is NaN")
    assert "These outputs were not saved" in workspace.failure


@pytest.mark.parametrize("hook", ["startup", "cleanup"])
def test_failing_hook(workspace: Workspace, kept: Path, hook: str) -> None:
    """What a person adds to startup or cleanup fails the job, with its own reason."""
    workspace.write_assets(assets(**{hook: "raise ValueError('no licence')"}))
    workspace.write_trainer(SAVE)

    run = workspace.train(MLDOCK_MODEL_OUTPUT_CHANNEL_NET=str(kept))

    assert run.wait() == 1
    assert workspace.failure.startswith("ValueError: no licence")
    assert "Traceback" in workspace.failure
    # Before the trainer there is nothing to save; what it has made is saved, whatever comes next.
    failed = kept.with_name("kept.failed")
    assert (failed / "weights").exists() == (hook == "cleanup")
    assert not kept.exists()
