"""The recipes of a generated README work as they stand there."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.generate.repository import Repository, own
from tests.habits.recipes import recipes, sections
from tests.project import ROOT, TEMPLATES, Project, generate

Columns = dict[str, object]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Repository]:
    """Return a project in its first commit; its first command makes its environment."""
    project = generate(tmp_path_factory.mktemp("projects") / "iris", template="generic")
    return project, own(project.path)


@pytest.fixture
def project(fresh: tuple[Project, Repository]) -> Iterator[Project]:
    """Lend the project, and take back what was done to it."""
    project, repository = fresh
    yield project
    repository.git("reset", "--quiet", "--hard")
    repository.git("clean", "--quiet", "--force", "-d")


def follow(project: Project, heading: str) -> None:
    """Make all edits of a recipe."""
    for edit in recipes(project.path / "README.md")[heading]:
        edit.apply(project.path)


def check(project: Project, *training: str) -> str:
    """Run what the README says to run after each change, and return what the training says."""
    own_tests = ["tests/test_trainer.py", "tests/test_prediction.py"]
    for session, arguments in [("lint", []), ("test", own_tests), ("train", list(training))]:
        result = project.nox(session, *arguments)
        assert result.returncode == 0, result.stdout
    return result.stdout


def change_rows(path: Path, change: Callable[[Columns], Columns]) -> None:
    """Write a file of rows anew, JSON or CSV, each row changed."""
    if path.suffix == ".json":
        rows = [change(row) for row in json.loads(path.read_text("utf-8"))]
        path.write_text(json.dumps(rows, indent=2) + "\n", "utf-8")
        return
    with path.open(encoding="utf-8", newline="") as file:
        rows = [change(dict(row)) for row in csv.DictReader(file)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def rows_of(project: Project) -> list[Path]:
    """Return the files that hold rows."""
    return [*project.path.glob("data/training/*.csv"), *project.path.glob("payload.*")]


def test_own_data_and_algorithm(project: Project) -> None:
    """Other columns, in the places that the recipe names, and then another model."""
    write_houses(project)
    follow(project, "Use another algorithm")

    assert "metric: accuracy=" in check(project)
    with np.load(project.path / ".mldock/model/classifier/model.npz") as model:
        assert model["centroids"].shape == (105, 2)


def write_houses(project: Project) -> None:
    """Give the project data of houses, and tests that speak of houses."""
    names = {"sepal_length": "rooms", "sepal_width": "floors"}
    left_out = {"petal_length", "petal_width"}
    for path in rows_of(project):
        change_rows(
            path, lambda row: {names.get(key, key): row[key] for key in row if key not in left_out}
        )
    flowers = project.path / "data/training/flowers.csv"
    flowers.write_text(flowers.read_text("utf-8").replace("species", "kind", 1), "utf-8")
    flowers.rename(flowers.with_name("houses.csv"))
    for file, old, new in [
        ("src/prediction.py", r"    sepal_length(.*\n)    sepal_width", r"    rooms\1    floors"),
        ("src/prediction.py", r"    petal_.*\n", ""),
        ("src/trainer.py", r'row\["species"\]', 'row["kind"]'),
        ("tests/test_prediction.py", r"(?s)\n\ndef test_answers.*?\n\n(?=\ndef )", "\n"),
        ("tests/test_prediction.py", "sepal_length", "rooms"),
        ("tests/test_trainer.py", "> 0.85", "> 0.5"),
        ("tests/test_trainer.py", "flowers", "houses"),
        ("tests/test_trainer.py", "sepal_length", "rooms"),
        ("tests/test_trainer.py", "'sepal_width'", "'floors'"),
    ]:
        path = project.path / file
        text = re.sub(old, new, path.read_text("utf-8"))
        assert text != path.read_text("utf-8"), (file, old)
        path.write_text(text, "utf-8")


def test_what_is_added(project: Project) -> None:
    """A hyperparameter, a field, a test and a package, one after the other."""
    follow(project, "Add a hyperparameter")
    follow(project, "Add a field to the requests")
    for path in rows_of(project):
        change_rows(path, lambda row: row | {"stem_length": 30})
    follow(project, "Add a test")
    add_package(project)
    assert project.nox("lock").returncode == 0

    # The README's own command sets the hyperparameter.
    recipe = sections(project.path / "README.md")["Add a hyperparameter"]
    command = re.search(r"nox -s train -- (.*)", recipe)
    assert command
    output = check(project, *command[1].split())
    assert '"robust":true' in output
    assert "12,345" in output
    assert (project.path / "src/requirements.lock").read_text("utf-8").count("\nhumanize==")

    # The test that was added finds a model that has forgotten what it knew.
    model = project.path / "src/prediction.py"
    model.write_text(model.read_text("utf-8").replace("argmin(", "argmax("), "utf-8")
    result = project.nox("test", "tests/test_prediction.py")
    assert "FAILED tests/test_prediction.py::test_long_petals" in result.stdout


def add_package(project: Project) -> None:
    """Write a package into the requirements, and use it."""
    requirements = project.path / "src/requirements.txt"
    requirements.write_text(requirements.read_text("utf-8") + "humanize>=4,<5\n", "utf-8")
    trainer = project.path / "src/trainer.py"
    text = trainer.read_text("utf-8").replace("import numpy", "import humanize\nimport numpy", 1)
    text = text.replace(
        "    species = np", "    print(humanize.intcomma(12345))\n    species = np", 1
    )
    trainer.write_text(text, "utf-8")


@pytest.mark.parametrize("template", TEMPLATES)
def test_recipes_fit(template: str, tmp_path: Path) -> None:
    """Each template's own edits fit its code, all of them together, and leave it in form."""
    project = generate(tmp_path / "project", template=template).path
    edits = [edit for recipe in recipes(project / "README.md").values() for edit in recipe]
    assert len(edits) >= 5
    for edit in edits:
        # Of two ways to the same place the first is taken.
        if not (template == "generic" and edit.text.endswith("features[seen]\n")):
            edit.apply(project)

    ruff = Path(sys.executable).with_name("ruff")
    for command in (["format", "--diff"], ["check", "--no-cache"]):
        result = subprocess.run(
            [ruff, *command, "."],
            cwd=project,
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stdout + result.stderr


def test_parts_stand_apart() -> None:
    """Each part of the README ends in one blank line, so that the next heading is one."""
    parts = sorted((ROOT / "templates/_shared/project").glob("**/*.md.jinja"))
    ends = {part.name: part.read_text("utf-8")[-3:] for part in parts}

    assert parts
    assert {name: end for name, end in ends.items() if end[1:] != "\n\n" or end[0] == "\n"} == {}
