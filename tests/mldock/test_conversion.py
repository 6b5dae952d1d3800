"""What an old project of each generation becomes: it trains and answers, and tells the rest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from extensions.converting.conversion import Conversion
from extensions.model import File
from extensions.rendering.trees import read_tree
from tests.generate.repository import Repository
from tests.mldock.generations import GENERATIONS

ANSWER = """
import json, sys
from pathlib import Path
from prediction import Row, Service

service = Service()
service.load(Path(sys.argv[1]))
rows = json.loads(sys.argv[2])
print(json.dumps([one.prediction for one in service.predict(list(map(Row.model_validate, rows)))]))
"""

ROWS = {
    "A": [{"width": 1, "height": 0.3}, {"width": 8.5, "height": 1}],
    "B": [{"value_1": 1, "value_2": 0.3}, {"value_1": 8.5, "value_2": 1}],
}


def start(project: Path, base: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a project to its end as the container does."""
    paths = {"MLDOCK_BASE_DIR": str(base), "PYTHONPATH": str(project / "src")}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=project,
        env={**os.environ, **paths, "MLDOCK_REGION": "north"},
        capture_output=True,
        text=True,
        timeout=120,
    )


def run(project: Path, base: Path, *arguments: str) -> str:
    """Run Python in a project, and return what it prints."""
    result = start(project, base, *arguments)
    assert result.returncode == 0, result.stderr
    return result.stdout + result.stderr


@pytest.mark.parametrize("generation", list(GENERATIONS))
def test_trains_and_answers(
    conversions: dict[str, Conversion], generation: str, tmp_path: Path
) -> None:
    """The old code trains with its data, and answers what it answered."""
    project = conversions[generation].root
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / "data").symlink_to(project / "data")

    log = run(project, tmp_path, "-m", "container.training.train")

    assert "accuracy=1.0;" in log
    # What the old container did around the trainer is done in the same place.
    assert ("begins in north" in log) == (generation == "A")
    assert (tmp_path / "output" / "done.txt").exists() == (generation == "A")
    rows = json.dumps(ROWS.get(generation, ROWS["B"]))
    answers = run(project, tmp_path, "-c", ANSWER, str(tmp_path / "model"), rows)
    assert json.loads(answers.splitlines()[0]) == ["small", "large"]


def test_missing_parts(conversions: dict[str, Conversion], tmp_path: Path) -> None:
    """Without its data a training says which, and without a model no server starts."""
    project = conversions["A"].root

    trained = start(project, tmp_path, "-m", "container.training.train")
    served = start(project, tmp_path, "-c", ANSWER, str(tmp_path / "model"), "[]")

    assert trained.returncode == 1
    failure = (tmp_path / "output" / "failure").read_text("utf-8")
    assert failure.startswith("There is no channel 'shapes'")
    assert served.returncode == 1
    assert "model.npz" in served.stderr


@pytest.mark.parametrize("generation", list(GENERATIONS))
def test_nothing_is_dropped_in_silence(conversions: dict[str, Conversion], generation: str) -> None:
    """Each old file is in the new project, or it is said what became of it."""
    conversion = conversions[generation]
    there = {path.rpartition("/")[2] for path in read_tree(conversion.root)}
    settings = {"mldock.json", "mldock.yaml"}

    for path in GENERATIONS[generation].keys() - settings:
        folder, _, name = path.rpartition("/")
        is_machinery = folder.startswith("src/container") and name not in (
            "assets.py",
            "lifecycle.py",
        )
        is_told = any(path in line for line in conversion.notes.left)
        assert is_told or (name in there and not is_machinery), path
    assert conversion.notes.must == []


def test_settings(conversions: dict[str, Conversion]) -> None:
    """Channels, remotes, stages, hyperparameters and variables are where they belong."""
    settings = json.loads((conversions["C"].root / "mldock.json").read_text("utf-8"))

    assert settings["image_name"] == "registry.example.com/shape-model"
    assert settings["hyperparameters"] == {"test_size": 0.25}
    assert settings["environment"] == {"RETRIES": 3}
    assert settings["data"] == [{"name": "shapes"}]
    assert settings["stages"]["dev"] == {"tag": "dev-3"}
    assert settings["stages"]["prod"] == {
        "data": [
            {
                "name": "shapes",
                "remote": "s3://example-lake/team/data/shapes/v1",
                "unpack": True,
            }
        ],
        "model": [
            {"name": "shapes", "remote": "s3://example-lake/team/model/m", "direction": "output"}
        ],
    }
    assert "boto3" in (conversions["C"].root / "src/requirements.txt").read_text("utf-8")


def test_names_of_hyperparameters(conversions: dict[str, Conversion]) -> None:
    """A name with a dash is one of Python, and the old code finds it under its own."""
    settings = json.loads((conversions["A"].root / "mldock.json").read_text("utf-8"))

    assert settings["hyperparameters"] == {"test_size": "0.25"}
    assert settings["data"] == [{"name": "shapes"}]
    assert settings["environment"] == {"LOGS_LEVEL": "debug", "REGION": "north"}
    assert any("test-size are numbers in quotes" in line for line in conversions["A"].notes.should)


def test_secret(conversions: dict[str, Conversion]) -> None:
    """A password is in no file, and it is said where it goes."""
    conversion = conversions["C"]

    assert all(b"correct horse" not in file.content for file in read_tree(conversion.root).values())
    assert any(".env" in line and "MLDOCK_DB_PASSWORD" in line for line in conversion.notes.should)


def test_code_that_was_taken_out(conversions: dict[str, Conversion]) -> None:
    """The old routes are in a page for their owner, which git does not have."""
    root = conversions["C"].root
    page = (root / "CONVERTED.md").read_text("utf-8")

    assert '@app.post("/invocations")' in page
    assert "fastapi" not in (root / "src/legacy/prediction.py").read_text("utf-8")
    assert "CONVERTED.md" not in Repository(root).git("ls-files")
    assert Repository(root).git("status", "--porcelain") == ""


def test_old_project_stays(
    conversions: dict[str, Conversion], old_projects: dict[str, Repository]
) -> None:
    """A conversion changes nothing in the folder that it is given."""
    for name, old in old_projects.items():
        assert conversions[name].root != old.path
        assert old.git("status", "--porcelain") == ""
        assert old.git("ls-files").split() == sorted(GENERATIONS[name])


def test_fresh_parts(conversions: dict[str, Conversion]) -> None:
    """Nothing of the example of the template is left, and the new files pass its checks."""
    files: dict[str, File] = read_tree(conversions["B"].root)

    assert not {path for path in files if "flowers" in path or path.startswith("tests/test_")}
    readme = files["README.md"].text or ""
    assert not [word for word in ("Iris", "flower", "plain numpy") if word in readme]
    assert "Converted from a project of mldock" in readme
    ruff = ["-m", "ruff", "check", "--no-cache", "src", "tests"]
    run(conversions["B"].root, Path("/nowhere"), *ruff)
    style = ["-m", "ruff", "format", "--no-cache", "--check", "src", "tests"]
    run(conversions["B"].root, Path("/nowhere"), *style)
