"""docs/troubleshooting.md: the messages that it quotes are those that people see."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import copier
import pytest

from tests.project import ROOT

PAGE = (ROOT / "docs/troubleshooting.md").read_text("utf-8")
QUOTED = [" ".join(message.split()) for message in re.findall(r"\*\*`([^`]+)`\*\*", PAGE)]
CODE = [
    *(ROOT / "templates/_shared").rglob("*.py"),
    *(ROOT / "src").rglob("*.py"),
    *Path(copier.__file__).parent.glob("*.py"),
]
# Those of nox, uv, pip and Linux.
FOREIGN = {
    "unrecognized arguments",
    "Sessions not found",
    "Python version selection caused no sessions",
    "uv binary not found",
    "No solution found when resolving dependencies",
    "CERTIFICATE_VERIFY_FAILED",
    "invalid peer certificate",
    "certificate verification failed",
    "exec format error",
}


@cache
def texts() -> list[str]:
    """Return all texts of the code; a value that is put in is dots."""
    found = []
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [getattr(part, "value", "") for part in node.values]
                found.append("".join(part if isinstance(part, str) else "..." for part in parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(re.sub(r"\{\w+\}", "...", node.value))
    return found


@pytest.mark.parametrize("message", QUOTED)
def test_message_is_in_the_code(message: str) -> None:
    """A message of ours or of Copier's is in the code, word for word."""
    if message in FOREIGN:
        return
    pattern = ".*".join(map(re.escape, message.split("...")))
    assert any(re.search(pattern, text, re.DOTALL) for text in texts()), message


def test_page_is_short() -> None:
    """It has what really happens, not everything that can."""
    assert len(QUOTED) >= 25
    assert set(QUOTED) > FOREIGN
