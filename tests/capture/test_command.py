"""The command as a person or a script runs it: exit codes, streams, and what is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.capture.making import run
from tests.capture.trees import add
from tests.generate.repository import Repository


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory, snapshot: Repository) -> Repository:
    """Return templates that nothing is written into."""
    return snapshot.clone(tmp_path_factory.mktemp("tried") / "templates")


def is_clean(templates: Repository) -> bool:
    """Return whether nothing is written."""
    return templates.git("status", "--porcelain") == ""


def test_written(templates: Repository, by_hand: Repository) -> None:
    """The report ends with what to do next; the steps are on the error stream."""
    result = run(templates, by_hand.path, "--data", "project_name=Churn Model", "--no-tests")

    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("Template churn-model: Churn Model\n")
    assert "proven: The original answers give the project, byte for byte" in result.stdout
    assert "not proven: The project's own tests" in result.stdout
    assert "--data template=churn-model" in result.stdout
    assert result.stderr.splitlines()[0] == "Reading the project"
    changed = templates.git("status", "--porcelain", "--untracked-files=all").splitlines()
    others = {line[3:].strip('"') for line in changed if "templates/churn-model/" not in line}
    assert others == {
        "templates/README.md",
        "templates/churn-model.yml",
        "tests/captured/test_churn_model.py",
    }


def test_own_tests(tried: Repository, by_hand: Repository) -> None:
    """The project's tests are run under another name; if they fail nothing is written."""
    add(by_hand, {"tests/test_bad.py": b"def test_bad():\n    assert not 'as it should be'\n"})

    result = run(tried, by_hand.path, "--data", "project_name=Churn Model")

    assert result.returncode == 1
    assert "as it should be" in result.stderr
    assert "--no-tests leaves this proof out" in result.stderr
    assert is_clean(tried)


def test_dry_run(tried: Repository, by_hand: Repository) -> None:
    """New files are counted by folder, others are shown as a difference; nothing is written."""
    options = ["--data", "project_name=Churn Model", "--param", "epochs=20", "--dry-run"]

    people = run(tried, by_hand.path, *options, "--no-tests")
    programs = run(tried, by_hand.path, *options, "--json")

    assert (people.returncode, programs.returncode) == (0, 0), people.stderr + programs.stderr
    assert "\n  templates/churn-model/src/container/: 3\n" in people.stdout
    assert "\n+| [churn-model](#churn-model) | Churn Model |" in people.stdout
    assert people.stdout.endswith("Nothing is written, as --dry-run asks.\n")
    report = json.loads(programs.stdout)
    assert report["dry_run"] is True
    assert [proof["holds"] for proof in report["proofs"]] == [True] * 4
    assert report["proofs"][-1]["figures"].startswith("1 passed")
    assert "templates/churn-model.yml" in report["files"]
    assert report["changes"] in people.stdout
    assert is_clean(tried)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--data", "project_name"], "--data project_name: a name, `=` and a value"),
        (["--param", "epochs"], "--param epochs: a name, `=` and a literal"),
        (["--name", "sklearn"], "part of this repository"),
        (["--name", "Churn"], "not a name of a template"),
        (["--decisions", "missing.yml"], "missing.yml"),
        (["--unknown"], "unrecognized arguments"),
    ],
)
def test_wrong_command_line(
    tried: Repository, by_hand: Repository, options: list[str], message: str
) -> None:
    """It is exit code 2, with what is wanted."""
    result = run(tried, by_hand.path, *options)

    assert result.returncode == 2
    assert message in result.stderr


def test_nobody_has_said_the_name(tried: Repository, by_hand: Repository) -> None:
    """A project without answers is refused with the option that is missing."""
    result = run(tried, by_hand.path)

    assert result.returncode == 3
    assert "--data project_name=NAME" in result.stderr


def test_parameter_that_nothing_names(tried: Repository, by_hand: Repository) -> None:
    """A question that would change nothing is refused."""
    data = ["--data", "project_name=Churn Model"]

    result = run(tried, by_hand.path, *data, "--param", "layers=20")

    assert result.returncode == 3
    assert "--param layers=20: no line has that literal and names layers" in result.stderr
    assert is_clean(tried)


def test_missing_decisions(tried: Repository, by_hand: Repository) -> None:
    """A name that is a common word is refused, with the places and an example, as JSON too."""
    add(by_hand, {"demo.txt": b"demo\n"})

    result = run(tried, by_hand.path, "--data", "project_name=demo", "--json")

    assert result.returncode == 3
    error = json.loads(result.stdout)
    assert error["code"] == 3
    assert "demo.txt:1:1" in error["error"]
    assert "demo.txt:name" in error["error"]
    assert "--decisions FILE" in result.stderr


def test_decisions_from_a_file(tried: Repository, by_hand: Repository, tmp_path: Path) -> None:
    """With the decisions of a file it goes on."""
    add(by_hand, {"demo.txt": b"demo\n"})
    decisions = tmp_path / "decisions.yml"
    decisions.write_text("demo.txt: keep\ndemo.txt:name: accept\n", "utf-8")
    options = ["--decisions", str(decisions), "--no-tests", "--dry-run", "--json"]

    result = run(tried, by_hand.path, "--data", "project_name=demo", *options)

    assert result.returncode == 0, result.stderr
    sources = json.loads(result.stdout)["files"]
    assert "templates/demo/{{ project_snake }}.txt" in sources


def test_refused_project(tried: Repository, tmp_path: Path, by_hand: Repository) -> None:
    """What is in the way is one list; no folder is no project."""
    (by_hand.path / "README.md").write_text("changed", "utf-8")
    (by_hand.path / "new.txt").write_text("new", "utf-8")

    result = run(tried, by_hand.path)
    nothing = run(tried, tmp_path / "nothing")

    assert (result.returncode, nothing.returncode) == (3, 3)
    assert "README.md" in result.stderr
    assert "new.txt" in result.stderr
    assert "is not a folder" in nothing.stderr


def test_secret_is_refused_or_asked_for(tried: Repository, by_hand: Repository) -> None:
    """An address is refused until it is allowed or a question."""
    add(by_hand, {"OWNERS.md": b"contact: jane.doe@churn-works.ch\n"})
    options = ["--data", "project_name=Churn Model", "--no-tests", "--dry-run"]

    refused = run(tried, by_hand.path, *options)
    allowed = run(tried, by_hand.path, *options, "--allow", "OWNERS.md:1")
    asked = run(tried, by_hand.path, *options, "--param", "contact=jane.doe@churn-works.ch")

    assert (refused.returncode, allowed.returncode, asked.returncode) == (3, 0, 0)
    assert "OWNERS.md:1" in refused.stderr
    assert "contact = 'jane.doe@churn-works.ch': 1 occurrence" in asked.stdout


def test_account_in_an_answer(templates: Repository, by_hand: Repository) -> None:
    """The record of a capture would carry it on, so it is refused until it is allowed."""
    image = f"{4711_0815_2342}.dkr.ecr.eu-west-1.amazonaws.com/churn-model"
    options = ["--data", "project_name=Churn Model", "--data", f"image_name={image}"]
    options += ["--no-tests", "--dry-run"]

    refused = run(templates, by_hand.path, *options)
    allowed = run(templates, by_hand.path, *options, "--allow", "templates/churn-model.yml")

    assert refused.returncode == 3
    assert "templates/churn-model.yml" in refused.stderr
    assert image not in refused.stderr
    assert allowed.returncode == 0, allowed.stderr


def test_file_that_cannot_be_written(templates: Repository, by_hand: Repository) -> None:
    """What the system says is told, with what to look at; the template is not selectable."""
    page = templates.path / "templates/README.md"
    page.unlink()
    page.mkdir()

    result = run(templates, by_hand.path, "--data", "project_name=Churn Model", "--no-tests")

    assert result.returncode == 5
    assert "templates/README.md" in result.stderr.splitlines()[-1]
    assert "git status" in result.stderr.splitlines()[-1]
    assert not (templates.path / "templates/churn-model.yml").exists()
