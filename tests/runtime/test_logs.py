"""The log of a container, at the level of `MLDOCK_LOGS_LEVEL`."""

from __future__ import annotations

import pytest

from tests.runtime.workspace import Run, Workspace


def logged(workspace: Workspace, level: str) -> Run:
    """Return a job that has logged a record of its own at each of three levels."""
    workspace.write_trainer(
        """
        import logging
        for level in (logging.DEBUG, logging.INFO, logging.WARNING):
            logging.getLogger("mine").log(level, "a record")
        """
    )
    run = workspace.train(MLDOCK_LOGS_LEVEL=level)
    assert run.wait() == 0, run.log
    return run


@pytest.mark.parametrize(
    ("level", "shown"),
    [
        ("DEBUG", ["DEBUG", "INFO", "WARNING"]),
        ("info", ["INFO", "WARNING"]),
        ("", ["INFO", "WARNING"]),
        ("ERROR", []),
    ],
)
def test_level(workspace: Workspace, level: str, shown: list[str]) -> None:
    """The trainer's own records are shown from the level on; INFO unless it is set."""
    lines = [line for line in logged(workspace, level).log.splitlines() if "a record" in line]

    assert [line.split()[2] for line in lines] == shown


def test_unknown_level_is_told(workspace: Workspace) -> None:
    """A level that does not exist hinders no job: the log says so, and is at INFO."""
    run = logged(workspace, "verbose")

    assert "MLDOCK_LOGS_LEVEL=VERBOSE is not a level" in run.log
    assert "INFO mine: a record" in run.log
