"""A module of the old project, with imports that lead to its new place and without its server."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from extensions.converting import syntax
from extensions.converting.imports import Imports, UnknownNameError
from extensions.converting.notes import Notes

SERVERS = {"FastAPI", "Flask"}
GUIDE = "docs/coming-from-mldock.md says what there is instead."


@dataclass(frozen=True)
class Edit:
    """Lines that are replaced, from the first to the last, counted from 1."""

    first: int
    last: int
    lines: tuple[str, ...] = ()


class Module:
    """Adapts one module."""

    def __init__(self, path: str, text: str, notes: Notes) -> None:
        self.path, self.text, self.notes = path, text, notes
        self.lines = text.split("\n")
        self.edits: list[Edit] = []

    def adapted(self, imports: Imports) -> str:
        """Return the module as it is in src/legacy/."""
        tree = syntax.parse(self.text)
        if tree is None:
            self.notes.must.append(f"{self.path} is not Python 3. Mend it in src/legacy/.")
            return self.text
        server = server_of(tree)
        for statement in server:
            self.cut(statement)
        gone = {id(part) for statement in server for part in ast.walk(statement)}
        rest = [node for node in ast.walk(tree) if id(node) not in gone]
        used = {node.id for node in rest if isinstance(node, ast.Name)}
        for node in rest:
            if isinstance(node, ast.Import | ast.ImportFrom):
                self.lead(node, imports, used)
        for line, name in syntax.unknown(tree):
            self.must(line, f"environment.{name} is not there any more. {GUIDE}")
        return self.edited()

    def cut(self, node: ast.stmt) -> None:
        """Take a statement out, and tell it."""
        first = min([node.lineno, *(one.lineno for one in decorators(node))])
        last = node.end_lineno or node.lineno
        place = f"line {first}" if first == last else f"lines {first} to {last}"
        self.notes.cut[f"{self.path}, {place}"] = "\n".join(self.lines[first - 1 : last])
        while last < len(self.lines) and not self.lines[last].strip():
            last += 1
        self.edits.append(Edit(first, last))

    def lead(self, node: ast.Import | ast.ImportFrom, imports: Imports, used: set[str]) -> None:
        """Lead an import to where its names are now, or take it out."""
        try:
            new = imports.led(node, used)
        except UnknownNameError as error:
            self.must(node.lineno, f"nothing stands in for {error}. {GUIDE}")
            return
        if new is None:
            return
        last = node.end_lineno or node.lineno
        before = self.lines[node.lineno - 1][: node.col_offset]
        if before.strip() or ";" in self.lines[last - 1][node.end_col_offset :]:
            self.must(node.lineno, f"write in a line of its own: {'; '.join(new)}")
            return
        # A block has to have something in it.
        new = new or (["pass"] if before else [])
        self.edits.append(Edit(node.lineno, last, tuple(before + line for line in new)))

    def must(self, line: int, what: str) -> None:
        """Leave something to a person."""
        self.notes.must.append(f"{self.path}, line {line}: {what}")

    def edited(self) -> str:
        """Return the text with the edits."""
        lines = list(self.lines)
        for edit in sorted(self.edits, key=lambda edit: edit.first, reverse=True):
            lines[edit.first - 1 : edit.last] = edit.lines
        return "\n".join(lines).rstrip("\n") + "\n"


def server_of(tree: ast.Module) -> list[ast.stmt]:
    """Return the statements that make a server of their own, and its routes."""
    apps = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        if last_name(node.value.func) in SERVERS
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return [node for node in tree.body if apps & set(subjects(node))]


def decorators(node: ast.stmt) -> list[ast.expr]:
    """Return the decorators of a function."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return []
    return node.decorator_list


def subjects(node: ast.stmt) -> list[str]:
    """Return the variables that a statement sets, calls a method of, or is decorated with."""
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    calls = [node.value] if isinstance(node, ast.Expr) else decorators(node)
    methods = [call.func if isinstance(call, ast.Call) else call for call in calls]
    owners = [method.value for method in methods if isinstance(method, ast.Attribute)]
    return [owner.id for owner in owners if isinstance(owner, ast.Name)]


def last_name(node: ast.expr) -> str:
    """Return the last part of a dotted name."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
