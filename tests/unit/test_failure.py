"""The failure file: the reason first."""

from __future__ import annotations

import pytest
from mldock import ContainerError, Environment
from mldock.failure import log, read_reason, report, write_failure


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


@pytest.mark.parametrize("content", [b"\xff\xfe\n", b"caf\xe9: no file\n", b""])
def test_file_of_the_trainer(
    content: bytes, environment: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    """What a trainer has written there itself, in whatever bytes, is no reason to fail."""
    environment.output_dir.mkdir(parents=True)
    path = environment.output_dir / "failure"
    path.write_bytes(content)

    report(environment, ContainerError("the loss is NaN"))
    report(environment, ContainerError("the loss is NaN"))

    assert path.read_bytes() == content + b"the loss is NaN\n"
    assert (read_reason(environment) or "").partition(":")[0] == (
        {b"": "the loss is NaN", b"\xff\xfe\n": "\ufffd\ufffd"}.get(content, "caf\ufffd")
    )
    assert caplog.text.count("the loss is NaN") == 1


def test_name_that_is_no_text_is_told_once(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message that UTF-8 cannot hold is written as Python shows it, and known again."""
    # Workers of pytest could not pass it on.
    monkeypatch.setattr(log, "disabled", True)
    for _ in range(2):
        report(environment, ContainerError("no file caf\udce9.csv"))

    assert failure(environment) == "no file caf\\udce9.csv\n"


def test_file_that_cannot_be_read(
    environment: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    """The failure is told in the log all the same."""
    (environment.output_dir / "failure").mkdir(parents=True)

    report(environment, ContainerError("the loss is NaN"))

    assert "the loss is NaN" in caplog.text
    assert "the reason cannot be written" in caplog.text
    assert read_reason(environment) is None
