"""The log of a container, at the level of `MLDOCK_LOGS_LEVEL`."""

from __future__ import annotations

import pytest
from mldock.logs import redact

from tests.mldock.workspace import Workspace


@pytest.mark.parametrize(
    ("level", "shown"),
    [
        ("DEBUG", ["DEBUG", "INFO", "WARNING"]),
        ("error", []),
        # A level that does not exist hinders no job.
        ("verbose", ["INFO", "WARNING"]),
    ],
)
def test_level(workspace: Workspace, level: str, shown: list[str]) -> None:
    """The trainer's own records are shown from the level on; INFO if there is no such level."""
    workspace.write_trainer(
        """
        import logging
        for level in (logging.DEBUG, logging.INFO, logging.WARNING):
            logging.getLogger("mine").log(level, "a record")
        """
    )

    run = workspace.train(MLDOCK_LOGS_LEVEL=level)

    assert run.wait() == 0, run.log
    lines = [line for line in run.log.splitlines() if "a record" in line]
    assert [line.split()[2] for line in lines] == shown
    assert ("MLDOCK_LOGS_LEVEL=VERBOSE is not a level" in run.log) == (level == "verbose")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ftp://me:s3cret@host/x", "ftp://***@host/x"),
        ("https://h/x?sv=1&sig=ab%2Fc&se=2", "https://h/x?sv=1&sig=***&se=2"),
        ("AccountName=a;AccountKey=Zm9v==;x=1", "AccountName=a;AccountKey=***;x=1"),
        (
            "GET /b/k?X-Amz-Credential=AK%2F1&X-Amz-Security-Token=t%2B&X-Amz-Signature=0af HTTP",
            "GET /b/k?X-Amz-Credential=***&X-Amz-Security-Token=***&X-Amz-Signature=*** HTTP",
        ),
        ("git+https://ghp_abc@host/x", "git+https://***@host/x"),
        (
            "https://h/k?X-Goog-Credential=me%40x&X-Goog-Signature=0af",
            "https://h/k?X-Goog-Credential=***&X-Goog-Signature=***",
        ),
        ("https://h/k?Signature=a%2B~&Key=2", "https://h/k?Signature=***&Key=2"),
        ("s3://bucket/a@b:c", "s3://bucket/a@b:c"),
        ("MLDOCK_API_KEY is 12345678", "MLDOCK_API_KEY is ***"),
        ("the password is 87654321", "the password is ***"),
    ],
)
def test_secrets(text: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords, signatures and the values of secret variables have stars in their place."""
    monkeypatch.setenv("MLDOCK_API_KEY", "12345678")
    monkeypatch.setenv("database_passwd", "87654321")

    assert redact(text) == told
