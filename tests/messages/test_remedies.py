"""Each message of a failure says what is wrong, and then what to do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.project import ROOT

FOLDERS = ("src", "templates/_shared/src", "extensions", "scripts")
# What people are told as it is; other errors are handled, or part of such a message.
TOLD = {"ContainerError", "RequestError", "CaptureError", "sys.exit"}
# Their last value is the remedy, or they say in one sentence what is needed.
ONE_SENTENCE = {
    'A table needs two lists, "columns" and "data".',
    "The array must hold numbers, of the shape (rows, columns).",
    "hyperparameter {}.",
    "it was not done {} s after {}.",
    "predict answered {} rows with {} {}.",
    "the trainer wrote nothing to {}",
    "{} takes {}, not {}.",
}


def messages(tree: ast.AST) -> Iterator[str]:
    """Yield what is told; a value that is put in is `{}`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) not in TOLD or not node.args:
            continue
        text = node.args[-1]
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            yield text.value
        elif isinstance(text, ast.JoinedStr):
            parts = [getattr(part, "value", None) for part in text.values]
            yield "".join(part if isinstance(part, str) else "{}" for part in parts)


def has_remedy(message: str) -> bool:
    """Return whether two sentences are there; a text made of values alone is made elsewhere."""
    return bool(re.search(r"[.:;?]\s+\S", message)) or not re.search(r"\w", message)


def test_each_message_has_a_remedy() -> None:
    """Nobody is left with what is wrong alone."""
    found = [
        (path.relative_to(ROOT).as_posix(), message)
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        for message in messages(ast.parse(path.read_text("utf-8")))
    ]

    assert len(found) > 100
    assert [one for one in found if not has_remedy(one[1]) and one[1] not in ONE_SENTENCE] == []


def test_a_message_without_a_remedy_is_found() -> None:
    """The check can fail."""
    (message,) = messages(ast.parse('raise ContainerError(f"{path} is not a table.")'))

    assert not has_remedy(message)
    assert has_remedy(f"{message} Correct it.")
