"""What is installed to serve, and what a person writes."""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

IGNORED = {
    tokenize.COMMENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
    tokenize.INDENT,
    tokenize.NEWLINE,
    tokenize.NL,
}


def packages(executables: Path) -> int:
    """Return how many packages an environment has."""
    return sum(1 for _ in site(executables).glob("*.dist-info"))


def megabytes(executables: Path) -> float:
    """Return the size of their files, without what Python compiles of them."""
    files = (path for path in site(executables).rglob("*") if path.suffix != ".pyc")
    return sum(path.lstat().st_size for path in files if path.is_file()) / 1e6


def site(executables: Path) -> Path:
    """Return the folder of an environment's packages."""
    (folder,) = executables.parent.glob("lib/python*/site-packages")
    return folder


def lines_of_code(file: Path) -> int:
    """Count the lines of a file that hold code: no blanks, comments or docstrings."""
    text = file.read_text("utf-8")
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    lines = {
        line
        for token in tokens
        if token.type not in IGNORED
        for line in range(token.start[0], token.end[0] + 1)
    }
    for node in ast.walk(ast.parse(text)):
        # A string that stands alone is a docstring.
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)
