"""The command with an old project: it is converted, captured, and what is in the way is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from extensions.converting.old import is_old
from extensions.model import CaptureError, File
from tests.capture.making import capture, run
from tests.capture.trees import build, write
from tests.generate.repository import Repository
from tests.mldock.conftest import convert
from tests.mldock.generations import B, C
from tests.mldock.test_conversion import start

OTHER_TRAINER = b"""\
import mldock.platform_helpers.mldock.tracking.logging as tracking


def fit(environment):
    tracking.ExperimentTracker()
    environment.setup_inputs()
"""

PLACEHOLDER = b"""\
import numpy as np


def handler(json_input):
    return np.array(["pred_1", "pred_2", "pred_3"])
"""


def test_converted_before(templates: Repository, tmp_path: Path) -> None:
    """What is to be done first is told once; then the new project is taken as it is."""
    old = build(tmp_path / "shapes", C)

    with pytest.raises(CaptureError) as error:
        convert(templates, old.path)

    # The remote is named on another machine.
    said = "the remote 'lake' of the channel shapes was named in .mldock/config"
    assert said in str(error.value)
    assert said in (tmp_path / "shapes-converted" / "CONVERTED.md").read_text("utf-8")
    (tmp_path / "shapes-converted" / "mine.txt").write_text("mine", "utf-8")
    again = convert(templates, old.path)
    assert again.root == tmp_path / "shapes-converted"
    assert "was converted before" in again.text
    assert (again.root / "mine.txt").exists()


def test_what_a_person_has_to_do(templates: Repository, tmp_path: Path) -> None:
    """What cannot be adapted is one list, with files and lines; nothing is guessed."""
    files = {
        **B,
        "src/trainer.py": OTHER_TRAINER,
        "src/prediction.py": PLACEHOLDER,
        "src/mldock.py": b"# a module of the same name",
        "payload.json": b'{"feature1": 10, "feature2": "groupA"}',
        "src/container/Dockerfile": b"FROM python:3.8\nRUN apt-get install -y libgomp1 git\n",
    }
    del files["data/shapes/shapes.csv"]

    with pytest.raises(CaptureError) as error:
        convert(templates, build(tmp_path / "old", files).path)

    said = str(error.value)
    assert error.value.code == 3
    for line in (
        "src/trainer.py, line 1: nothing stands in for mldock.platform_helpers.mldock.tracking",
        "src/trainer.py, line 6: environment.setup_inputs is not there any more",
        "src/trainer.py: there is no run_training()",
        "answers with the placeholder of mldock's template",
        "src/prediction.py, payload.json: no example of a request is there",
        "src/container/Dockerfile: the old image had libgomp1.",
        "src/mldock.py: src/legacy/mldock.py is there already.",
        "data/shapes/: git has no files of this channel",
    ):
        assert line in said
    assert "To do before it works, in this order:\n\n1. " in said
    converted = tmp_path / "old-converted"
    assert said.rpartition("nox -s build-template -- ")[2] == str(converted)
    # Who trains it all the same is told what is missing.
    trained = start(converted, tmp_path, "-m", "container.training.train")
    assert trained.returncode == 1
    failure = (tmp_path / "output" / "failure").read_text("utf-8")
    assert failure.startswith("src/trainer.py: the conversion found nothing to call.")


def test_dry_run(templates: Repository, tmp_path: Path) -> None:
    """Nothing is written, the new project neither; what is to be done is told all the same."""
    old = build(tmp_path / "old", C)

    with pytest.raises(CaptureError, match="the remote 'lake'") as error:
        capture(templates, old.path, dry_run=True)

    assert "Without --dry-run the new project is kept" in str(error.value)
    assert {path.name for path in tmp_path.iterdir()} == {"old"}


def test_something_in_the_way(templates: Repository, tmp_path: Path) -> None:
    """A folder of somebody else's is not written into."""
    write(tmp_path / "old-converted", {"thesis.txt": File(b"mine")})

    with pytest.raises(CaptureError, match=r"is in the way .* --converted PATH"):
        convert(templates, build(tmp_path / "old", B).path)

    assert [path.name for path in (tmp_path / "old-converted").iterdir()] == ["thesis.txt"]


def test_secret_in_code(templates: Repository, tmp_path: Path) -> None:
    """A secret in the old code is found as in any project, and named with its place."""
    key = b'\nPASSWORD = "hunter2-' + b'xY9kQ2"\n'
    old = build(tmp_path / "old", {**B, "src/nearest.py": B["src/nearest.py"] + key})  # type: ignore[operator]

    result = run(templates, old.path, "--no-tests")

    assert result.returncode == 3
    assert "src/legacy/nearest.py:" in result.stderr
    assert "hunter2" not in result.stderr


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("mldock.yaml", b"image_name: a\n", True),
        ("mldock.json", b'{"image_name": "a", "mldock_module_dir": "src"}', True),
        ("mldock.json", b'{"image_name": "a", "version": "0.1.0"}', False),
        ("pyproject.toml", b"", False),
    ],
)
def test_is_old(tmp_path: Path, name: str, text: bytes, expected: bool) -> None:
    """Its settings tell a project of mldock from one of today."""
    (tmp_path / name).write_bytes(text)

    assert is_old(tmp_path) is expected
