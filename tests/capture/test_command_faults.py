"""The command where an answer tells too much, and where a file cannot be written."""

from __future__ import annotations

from tests.capture.making import run
from tests.generate.repository import Repository


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
