"""What is refused: with a message that says what to do, and before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generate.repository import Repository, run_copier
from tests.project import generate

NAME = "Begin with a letter; then letters, digits, blanks, dots, dashes and underscores"
DESCRIPTION = "One line of at most 200 characters, without double quotes and backslashes."
IMAGE = "Small letters and digits, separated by dots, dashes, underscores or slashes; no tag."
BASE = "The name of an image, such as python:3.13-slim-trixie, with a tag or a digest."


@pytest.mark.parametrize(
    ("question", "answer", "message"),
    [
        ("project_name", "1st-model", NAME),
        ("description", 'a "model"', DESCRIPTION),
        ("image_name", "model:latest", IMAGE),
        ("base_image", "python 3.13", BASE),
        ("template", "tensorflow", "'tensorflow' is not in ['generic', 'pytorch', 'sklearn']"),
        ("storage", "ftp", "'ftp' is not in ['local', 's3', 'gs', 'az']"),
        ("python_version", "3.9", "'3.9' is not in ['3.10', '3.11', '3.12', '3.13', '3.14']"),
    ],
)
def test_wrong_answer(
    tmp_path: Path, snapshot: Repository, question: str, answer: str, message: str
) -> None:
    """`copier copy` fails, says what is allowed, and leaves no project."""
    path = tmp_path / "model"
    data = ["--data", f"{question}={answer}"]

    result = run_copier(
        "copy", "--defaults", "--vcs-ref", "HEAD", *data, str(snapshot.path), str(path)
    )

    assert result.returncode != 0
    assert message in result.stdout
    assert question in result.stdout
    assert not path.exists()


@pytest.mark.parametrize(
    ("question", "answer", "message"),
    [
        ("project_name", "", NAME),
        ("project_name", "Modèle", NAME),
        ("project_name", "it's", NAME),
        ("project_name", "two\nlines", NAME),
        ("project_name", "line\n", NAME),
        ("project_name", "x" * 65, NAME),
        ("description", "", DESCRIPTION),
        ("description", "a\\b", DESCRIPTION),
        ("description", "two\nlines", DESCRIPTION),
        ("description", "line\n", DESCRIPTION),
        ("description", "next\x85line", DESCRIPTION),
        ("description", "tab\t", DESCRIPTION),
        ("description", "x" * 201, DESCRIPTION),
        ("image_name", "", IMAGE),
        ("image_name", "Model", IMAGE),
        ("image_name", "-model", IMAGE),
        ("image_name", "team//model", IMAGE),
        ("image_name", "model/", IMAGE),
        ("image_name", "model\n", IMAGE),
        ("base_image", "", BASE),
        ("base_image", "-python", BASE),
        ("base_image", "python@sha256:12", BASE),
        ("base_image", "python:3.13 AS x", BASE),
        ("base_image", "python:3.13\n", BASE),
    ],
)
def test_other_wrong_answers(tmp_path: Path, question: str, answer: str, message: str) -> None:
    """Each rule of a validator holds, and a project is not begun."""
    with pytest.raises(ValueError, match=f"Validation error for question '{question}'") as error:
        generate(tmp_path / "model", **{question: answer})

    assert message in str(error.value)
    assert not (tmp_path / "model").exists()


def test_accelerator_is_one_of_two(tmp_path: Path) -> None:
    """A question of one template alone has its choices too."""
    with pytest.raises(ValueError, match="'tpu' is not in"):
        generate(tmp_path / "model", template="pytorch", accelerator="tpu")

    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("where", ["everywhere", "in the clone"])
def test_no_symbolic_links(tmp_path: Path, snapshot: Repository, where: str) -> None:
    """Where git makes no links, the remedy is named, and no project lacks files."""
    # So git is set by its installer for Windows.
    source = snapshot.clone(tmp_path / "templates", "-c", "core.symlinks=false").path
    assert not (source / "templates" / "sklearn" / "tools").is_symlink()
    variables = {}
    if where == "everywhere":
        source = snapshot.path
        variables = {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "core.symlinks",
            "GIT_CONFIG_VALUE_0": "false",
        }

    result = run_copier(
        "copy",
        *("--defaults", "--vcs-ref", "HEAD"),
        *(str(source), str(tmp_path / "model")),
        **variables,
    )

    assert result.returncode != 0
    assert "checked out without symbolic links" in result.stdout
    assert "git config --global core.symlinks true" in result.stdout
    assert not (tmp_path / "model").exists()
