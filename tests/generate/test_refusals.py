"""What is refused: with a message that says what to do, and before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generate.repository import Repository, run_copier
from tests.project import generate

MESSAGES = {
    "project_name": "Begin with a letter, end with a letter or digit; between them letters",
    "description": "One line of 1 to 200 characters, without double quotes, backslashes and",
    "image_name": "Small letters and digits, separated by dots, dashes, underscores or slashes",
    "base_image": "The name of an image with a tag or a digest, such as python:3.13-slim-trixie.",
    "template": "is not in ['generic', 'pytorch', 'sklearn']",
    "deploy": "is not in ['docker', 'kubernetes', 'sagemaker', 'kubernetes-and-sagemaker']",
    "storage": "is not in ['local', 's3', 'gs', 'az']",
    "python_version": "is not in ['3.11', '3.12', '3.13', '3.14']",
    "accelerator": "is not in",
}

WRONG = {
    "project_name": ["", "1st-model", "Modèle", "it's", "two\nlines", "line\n", "x" * 65],
    "description": ["", "a ", 'a "b"', "a\\b", "two\nlines", "line\n", "next\x85line", "x" * 201],
    "image_name": ["", "a..b", "-reg/x", "x" * 201, "Model", "team//model", "a:latest", "model\n"],
    "base_image": ["", "-python", "ubuntu", "python@sha256:12", "python:3.13 AS x", "a:1\n"],
    "template": ["tensorflow"],
    "deploy": ["both"],
    "storage": ["ftp"],
    "python_version": ["3.9"],
    "accelerator": ["tpu"],
}


def test_wrong_answer(tmp_path: Path, snapshot: Repository) -> None:
    """`copier copy` fails, says what is allowed, and leaves no project."""
    path = tmp_path / "model"
    options = ["--defaults", "--vcs-ref", "HEAD", "--data", "project_name=1st-model"]

    result = run_copier("copy", *options, str(snapshot.path), str(path))

    assert result.returncode != 0
    assert MESSAGES["project_name"] in result.stdout
    assert not path.exists()


@pytest.mark.parametrize(
    ("question", "answer"),
    [(question, answer) for question, answers in WRONG.items() for answer in answers],
)
def test_other_wrong_answers(tmp_path: Path, question: str, answer: str) -> None:
    """Each rule of a validator holds, and a project is not begun."""
    answers = {"template": "pytorch", question: answer}
    with pytest.raises(
        ValueError, match=f"(Validation error|Invalid choice) for .*'{question}'"
    ) as error:
        generate(tmp_path / "model", **answers)

    assert MESSAGES[question] in str(error.value)
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("projét 1", "projet-1"),
        ("1 Größe", "my-model-1-Grosse"),
        ("\u65e5\u672c", "my-model"),
        ("a/b", "a-b"),
    ],
)
def test_name_that_is_offered(tmp_path: Path, name: str, offered: str) -> None:
    """A name that is not allowed offers the nearest one that is."""
    with pytest.raises(ValueError, match=rf"For example: {offered}$"):
        generate(tmp_path / "model", template="generic", project_name=name)


def test_sagemaker_is_s3(tmp_path: Path) -> None:
    """Another store is refused where SageMaker keeps the models."""
    with pytest.raises(ValueError, match="SageMaker keeps models on Amazon S3: leave storage out"):
        generate(tmp_path / "model", template="generic", deploy="sagemaker", storage="gs")
