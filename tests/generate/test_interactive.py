"""`copier copy` with a person at a terminal."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from pathlib import Path

import pytest

from tests.generate.repository import COPIER, Repository, make
from tests.project import TEMPLATES, Project

# prompt_toolkit prints this once for each question, before the question.
ASKS = "\x1b[?2004h"
ENTER = "\r"
UP = "\x1b[A"
DOWN = "\x1b[B"
CONTROL_U = "\x15"


def answer(command: list[str], keys: dict[str, str]) -> tuple[int, str]:
    """Run a command in a terminal and press Enter at each question.

    Args:
        command: The command.
        keys: What to press instead, once, when a text is on the screen.

    Returns:
        How many questions were asked, and all that was on the screen.

    """
    terminal, other = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"}
    with subprocess.Popen(
        command, stdin=other, stdout=other, stderr=other, env=environment, start_new_session=True
    ) as process:
        os.close(other)
        screen, asked, waiting = "", 0, dict(keys)
        deadline = time.monotonic() + 300
        try:
            while part := read(terminal, deadline):
                screen += part
                seen = [text for text in waiting if text in screen]
                pressed = "".join(waiting.pop(text) for text in seen)
                # The text of a question comes after the sign that it will.
                if screen.count(ASKS) > asked and "?" in screen.split(ASKS)[-1].partition("🎤")[2]:
                    asked += 1
                    pressed = pressed or ENTER
                os.write(terminal, pressed.encode())
            code = process.wait(timeout=150)
        finally:
            process.kill()
            os.close(terminal)
    assert code == 0, screen
    return asked, screen


def read(terminal: int, deadline: float) -> str:
    """Return what the command prints next; nothing when it has ended."""
    ready, _, _ = select.select([terminal], [], [], max(0, deadline - time.monotonic()))
    assert ready, "the command waits for something that this test does not do"
    try:
        # A character that is cut in two is none that is looked for.
        return os.read(terminal, 65536).decode(errors="replace")
    except OSError:
        # Linux says so when no process has the terminal any more.
        return ""


def contents(project: Project) -> dict[str, bytes]:
    """Return the files of a project."""
    return {name: (project.path / name).read_bytes() for name in project.files()}


@pytest.mark.parametrize("template", TEMPLATES)
def test_enter_at_each_question(tmp_path: Path, snapshot: Repository, template: str) -> None:
    """It gives what --defaults gives, and asks at most eight questions."""
    path = tmp_path / "model"
    expected = make(snapshot, tmp_path / "expected" / "model", template=template)
    command = [*COPIER, "copy", "--vcs-ref", "HEAD", str(snapshot.path), str(path)]
    ups = TEMPLATES.index("sklearn") - TEMPLATES.index(template)

    asked, screen = answer(command, {"Which kind of model?": UP * ups + ENTER})

    assert contents(Project(path)) == contents(expected)
    assert asked == (7 if template == "generic" else 8)
    assert "nox -s train" in screen


def test_platforms_ask_no_more(tmp_path: Path, snapshot: Repository) -> None:
    """Kubernetes brings its files and no question; SageMaker leaves out that for the storage."""
    for downs, count, platform in ((1, 8, "kubernetes"), (2, 7, "sagemaker")):
        path = tmp_path / platform
        command = [*COPIER, "copy", "--vcs-ref", "HEAD", str(snapshot.path), str(path)]

        asked, _ = answer(command, {"Where will it run?": DOWN * downs + ENTER})

        assert asked == count
        assert (path / "deploy").exists() == (platform == "kubernetes")
        assert f"nox -s deploy -- {platform}" in (path / "README.md").read_text("utf-8")


def test_wrong_answer_is_asked_again(tmp_path: Path, snapshot: Repository) -> None:
    """A name that is refused is explained at once, and can be corrected."""
    command = [*COPIER, "copy", "--vcs-ref", "HEAD", str(snapshot.path), str(tmp_path / "model")]

    answer(
        command,
        {
            "What is the project called?": CONTROL_U + "1st" + ENTER,
            "Begin with a letter": CONTROL_U + "First" + ENTER,
        },
    )

    assert (tmp_path / "model" / "README.md").read_text("utf-8").startswith("# First\n")
