"""The failure file: the reason first."""

from __future__ import annotations

import os

import pytest

from container.lifecycle import ContainerError, Environment
from container.lifecycle.errors import describe
from container.lifecycle.failure import write_failure


def failure(environment: Environment) -> str:
    """Return the text of the failure file."""
    return (environment.output_dir / "failure").read_text(encoding="utf-8")


def raised(error: Exception) -> Exception:
    """Return the error with the traceback of this place."""
    try:
        raise error
    except Exception as same:
        return same


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ContainerError("There is no data."), "There is no data."),
        (ValueError("the loss is NaN"), "ValueError: the loss is NaN"),
        (KeyError("species"), "KeyError: 'species'"),
    ],
    ids=["told", "raised", "key"],
)
def test_description(error: Exception, text: str) -> None:
    """A message for people stands for itself; any other error has its type in front."""
    assert describe(error) == text


def test_reason_then_traceback(environment: Environment) -> None:
    """The first line is the reason, and where it happened is told below it."""
    write_failure(environment, raised(ValueError("the loss is NaN")))

    reason, blank, *traceback = failure(environment).splitlines()
    assert (reason, blank) == ("ValueError: the loss is NaN", "")
    assert traceback[0] == "Traceback (most recent call last):"
    assert any("test_failure.py" in line and "in raised" in line for line in traceback)


def test_reason_is_in_the_part_that_counts(environment: Environment) -> None:
    """SageMaker shows 1024 characters: the reason is in them, however long the traceback."""
    error = RuntimeError("the loss is NaN")
    # Python tells the cause first.
    error.__cause__ = ValueError("x" * 1024)
    write_failure(environment, raised(error))

    assert len(failure(environment)) > 1024
    assert "RuntimeError: the loss is NaN" in failure(environment)[:1024]


def test_told_error_has_no_traceback(environment: Environment) -> None:
    """A message for people says all there is to say."""
    write_failure(environment, raised(ContainerError("There is no data.")))

    assert failure(environment) == "There is no data.\n"


def test_first_failure_stays_first(environment: Environment) -> None:
    """A later failure, often a consequence, is added below the cause."""
    write_failure(environment, ContainerError("the cause"))
    write_failure(environment, ContainerError("the consequence"))

    assert failure(environment) == "the cause\nthe consequence\n"


def test_any_language(environment: Environment) -> None:
    """The file is UTF-8 whatever the locale of the container."""
    write_failure(environment, ContainerError("données manquantes: 花"))

    assert failure(environment) == "données manquantes: 花\n"


def test_name_that_is_no_text(environment: Environment) -> None:
    """The name of a file may hold bytes that are no UTF-8; they are told all the same."""
    write_failure(environment, FileNotFoundError(os.fsdecode(b"caf\xe9.csv")))

    assert failure(environment).startswith("FileNotFoundError: caf\\udce9.csv\n")
