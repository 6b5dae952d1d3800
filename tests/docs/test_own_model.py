"""docs/bring-your-own-model.md: its steps make a project that trains, passes checks, answers."""

from __future__ import annotations

import re
import shutil

from tests.docs.changes import apply
from tests.docs.pages import DOCS, blocks, steps
from tests.docs.terminal import Terminal

PAGE = (DOCS / "bring-your-own-model.md").read_text("utf-8")


def test_steps(terminal: Terminal) -> None:
    """Each block is applied, in order, and no code or data of the flowers is left."""
    terminal.tests += " tests/test_trainer.py"
    for block in blocks(PAGE):
        if block.language != "console":
            apply(block, terminal.folder)
            continue
        for step in steps(block):
            terminal.follow(step)
            if step.command.startswith("rm "):
                shutil.copy(DOCS / "examples" / "bikes.csv", terminal.folder / "data" / "training")

    files = [path for path in terminal.folder.rglob("*") if path.suffix in (".py", ".csv", ".json")]
    own = [path for path in files if not {".venv", ".git", ".mldock", ".nox"} & set(path.parts)]
    left = [
        path.name for path in own if re.search(r"(?i)flower|iris|petal", path.read_text("utf-8"))
    ]
    assert own
    assert left == []
    assert "bikes.csv" in (terminal.folder / "README.md").read_text("utf-8")
