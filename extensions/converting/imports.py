"""Imports of old code, led to where their names are now."""

from __future__ import annotations

import ast
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

from extensions.converting import syntax

PROJECT = Path(__file__).with_name("project")

# What stands in for mldock, and the modules of mldock whose names it has.
NAMES = syntax.defined(ast.parse((PROJECT / "src/legacy/mldock.py").read_text("utf-8")))
PARTS = {"base", "container", "decorators", "environment", "errors"}

# The server is the template's own.
FRAMEWORKS = {"fastapi", "flask", "starlette", "uvicorn"}


class UnknownNameError(Exception):
    """Old code uses a name of mldock that nothing stands in for."""


@dataclass(frozen=True)
class Imports:
    """Leads imports of one project.

    Attributes:
        package: The folder of its code, which its imports begin with.
        container: The folder of the container in it.

    """

    package: str
    container: str

    def led(self, node: ast.Import | ast.ImportFrom, used: Set[str]) -> list[str] | None:
        """Return the imports that take the place of one; None if it stays.

        Raises:
            UnknownNameError: Nothing stands in for a name that is used.

        """
        module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
        tops = {(module or alias.name).partition(".")[0] for alias in node.names}
        is_relative = isinstance(node, ast.ImportFrom) and node.level
        if is_relative or not tops & {self.package, "mldock", *FRAMEWORKS}:
            return None
        lines = [self.line(alias, module, used) for alias in node.names]
        return [line for line in lines if line]

    def line(self, alias: ast.alias, module: str, used: Set[str]) -> str:
        """Return the import of one name, or nothing if nobody uses it any more."""
        source = module or alias.name
        top = source.partition(".")[0]
        name = alias.asname or (alias.name if module else top)
        named = f" as {alias.asname}" if alias.asname else ""
        if top in {"mldock", *FRAMEWORKS} and name not in used:
            return ""
        if top != "mldock" and module:
            return f"from {self.place(source)} import {alias.name}{named}"
        if top == self.package and not named:
            # The code goes on to name it from the top.
            return f"import {self.place(source)}; import legacy as {top}"
        if top != "mldock":
            return f"import {self.place(source)}{named}"
        if module and alias.name in NAMES:
            return f"from legacy.mldock import {alias.name}{named}"
        if module and alias.name in PARTS:
            return f"from legacy import mldock as {name}"
        raise UnknownNameError(f"{source}.{alias.name}" if module else source)

    def place(self, module: str) -> str:
        """Return where a module is now."""
        top, *parts = module.split(".")
        if top != self.package:
            return module
        return ".".join(["legacy", *(parts[1:] if parts[:1] == [self.container] else parts)])
