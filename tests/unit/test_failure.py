"""The failure file: the reason first."""

from __future__ import annotations

from mldock import ContainerError, Environment
from mldock.failure import write_failure


def failure(environment: Environment) -> str:
    """Return the text of the failure file."""
    return (environment.output_dir / "failure").read_text(encoding="utf-8")


def raised(error: Exception) -> Exception:
    """Return the error with the traceback of this place."""
    try:
        raise error
    except Exception as same:
        return same


def test_reason_is_in_the_part_that_counts(environment: Environment) -> None:
    """SageMaker shows 1024 characters: the reason is in them, however long the traceback."""
    error = RuntimeError("the loss\nis NaN")
    # Python tells the cause first.
    error.__cause__ = ValueError("x" * 1024)
    write_failure(environment, raised(error))

    reason, blank, *traceback = failure(environment).splitlines()
    assert len(failure(environment)) > 1024
    assert (reason, blank) == ("RuntimeError: the loss is NaN", "")
    assert any("test_failure.py" in line and "in raised" in line for line in traceback)


def test_told_error_has_no_traceback(environment: Environment) -> None:
    """A message for people says all there is to say, in UTF-8 whatever the locale."""
    write_failure(environment, raised(ContainerError("données manquantes: 花")))

    assert failure(environment) == "données manquantes: 花\n"
