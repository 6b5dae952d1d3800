"""`executor.sh serve` where it cannot serve: an exit code, and a log that says why."""

from __future__ import annotations

import shutil
import sys

import pytest

from tests.runtime.serving import PREDICTION, serve, with_model
from tests.runtime.workspace import Workspace


@pytest.fixture
def workspace(workspace: Workspace) -> Workspace:
    """Return a project with a trained model."""
    return with_model(workspace)


def test_no_model(workspace: Workspace) -> None:
    """Exit code 1; the log says where the model should be, without a traceback."""
    (workspace.base_dir / "model" / "net" / "factor").unlink()

    run = serve(workspace)

    assert run.wait() == 1
    assert f"the model in {workspace.base_dir / 'model'} cannot be served" in run.log
    assert "FileNotFoundError" in run.log
    assert "Traceback" not in run.log


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import no_such_module\n", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("class Service(:\n", "SyntaxError: "),
        ("", "AttributeError: module 'prediction' has no attribute 'Service'"),
        (PREDICTION.replace("float(", "int('x' + "), "ValueError: invalid literal for int()"),
    ],
    ids=["import", "syntax", "empty", "load"],
)
def test_model_that_cannot_be_loaded(workspace: Workspace, text: str, reason: str) -> None:
    """Exit code 1; the log has the reason, and the place in the person's code."""
    workspace.write("src/prediction.py", text)

    run = serve(workspace)

    assert run.wait() == 1
    assert f"cannot be served ({reason}" in run.log
    assert "Traceback" in run.log


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("MLDOCK_SERVER_WORKERS", "many", "MLDOCK_SERVER_WORKERS=many is not a positive whole"),
        ("MLDOCK_SERVER_TIMEOUT", "0", "MLDOCK_SERVER_TIMEOUT=0 is not a positive whole number"),
        ("MLDOCK_INPUT_MODEL_CHANNEL_X", "/nowhere", "/nowhere: nothing lies there"),
    ],
)
def test_wrong_setting_is_one_line(
    workspace: Workspace, variable: str, value: str, reason: str
) -> None:
    """A mistake in a variable ends the server with exit code 1 and a line that explains it."""
    run = serve(workspace, **{variable: value})

    assert run.wait() == 1
    assert reason in run.log.splitlines()[-1]
    assert "Traceback" not in run.log


def test_no_nginx(workspace: Workspace) -> None:
    """Where gunicorn is not to serve alone, nginx is asked for at once, in a line."""
    programs = workspace.path / "programs"
    programs.mkdir()
    for name in ("bash", "basename", "dirname"):
        (programs / name).symlink_to(str(shutil.which(name)))
    # A link would not find the packages of a virtual environment.
    (programs / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (programs / "python").chmod(0o755)

    run = serve(workspace, MLDOCK_SERVER_BIND="", PATH=str(programs))

    assert run.wait() == 1
    assert "nginx is not installed" in run.log
    assert "MLDOCK_SERVER_BIND=127.0.0.1:8080" in run.log.splitlines()[-1]
    assert "Traceback" not in run.log
