"""What text an expression of Python gives, as far as the source tells; the rest is `...`."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import product
from pathlib import Path

VARIES = "..."
# What `%` and str.format fill in.
FILLED = re.compile(r"%[-+ 0#]*[\d*]*(?:\.[\d*]+)?[srdfiga]|(?<!\{)\{[^{}]*\}(?!\})")
REPLIES = (ast.Return, ast.Yield, ast.YieldFrom)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# Methods of a text that leave its words.
SHAPING = ("format", "join", "rstrip", "strip")
# An expression may go through so many names and helpers.
DEEPEST = 4

Scope = list[ast.AST]
Reader = Callable[[str], "Module | None"]


class Module:
    """A file of Python, and the texts that its expressions give."""

    def __init__(self, path: Path, source: str, read: Reader) -> None:
        self.path = path
        self.tree = ast.parse(source)
        self.read = read

    @cached_property
    def imports(self) -> dict[str, tuple[str, str]]:
        """Where each imported name comes from: the module and the name in it."""
        return {
            alias.asname or alias.name: (node.module, alias.name)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.ImportFrom) and node.module
            for alias in node.names
        }

    @cached_property
    def functions(self) -> dict[str, ast.AST]:
        """All functions, methods too, by their name."""
        return {node.name: node for node in ast.walk(self.tree) if isinstance(node, FUNCTIONS)}

    def texts(self, node: ast.AST | None, scope: Scope, depth: int = 0) -> Iterator[str]:
        """Yield the texts that an expression may give; none where nothing is known of it."""
        if depth > DEEPEST:
            return
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                yield FILLED.sub(VARIES, node.value)
        elif isinstance(node, ast.JoinedStr):
            for parts in product(*(self.part(part, scope, depth) for part in node.values)):
                yield "".join(parts)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            both = [list(self.texts(side, scope, depth)) for side in (node.left, node.right)]
            if any(both):
                yield from map("".join, product(*(side or [VARIES] for side in both)))
        elif isinstance(node, ast.IfExp):
            yield from self.texts(node.body, scope, depth)
            yield from self.texts(node.orelse, scope, depth)
        elif isinstance(node, ast.BoolOp):
            for value in node.values:
                yield from self.texts(value, scope, depth)
        elif isinstance(node, (ast.List, ast.Tuple)):
            for value in node.elts:
                yield from self.texts(value, scope, depth)
        elif isinstance(node, (ast.ListComp, ast.GeneratorExp)):
            yield from self.texts(node.elt, scope, depth)
        elif isinstance(node, ast.Dict):
            for value in node.values:
                yield from self.texts(value, scope, depth)
        elif isinstance(node, (ast.Starred, ast.NamedExpr, ast.Subscript)):
            yield from self.texts(node.value, scope, depth)
        elif isinstance(node, ast.Name):
            yield from self.named(node.id, scope, depth + 1)
        elif isinstance(node, ast.Call):
            yield from self.called(node, scope, depth + 1)

    def part(self, node: ast.expr, scope: Scope, depth: int) -> list[str]:
        """Return what may stand in a place of an f-string: only a constant is known there."""
        if isinstance(node, ast.Constant):
            return [str(node.value)]
        value = node.value if isinstance(node, ast.FormattedValue) else node
        if isinstance(value, ast.IfExp):
            return list(self.texts(value, scope, depth)) or [VARIES]
        if isinstance(value, ast.Name) and self.is_known(value.id, scope):
            return list(self.texts(value, scope, depth)) or [VARIES]
        return [VARIES]

    def is_known(self, name: str, scope: Scope) -> bool:
        """Say whether a name is a constant, or one of two texts that are chosen from."""
        chosen = (value for place in scope for value in self.assigned(name, place))
        return name.isupper() or any(isinstance(value, ast.IfExp) for value in chosen)

    def named(self, name: str, scope: Scope, depth: int) -> Iterator[str]:
        """Yield the texts that a name is given, in its function, its module or another."""
        for place in (*scope, self.tree):
            found = list(self.assigned(name, place))
            for value in found:
                yield from self.texts(value, scope, depth)
            if found:
                return
        if name in self.imports:
            module, original = self.imports[name]
            if other := self.read(module):
                yield from other.named(original, [], depth)

    def assigned(self, name: str, place: ast.AST) -> Iterator[ast.AST]:
        """Yield what a name is given, or a list of that name takes up, in a part of the code."""
        nodes = ast.walk(place) if isinstance(place, FUNCTIONS) else ast.iter_child_nodes(place)
        for node in nodes:
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if is_name(target, name):
                        yield node.value
                    elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                        pairs = zip(target.elts, node.value.elts, strict=False)
                        yield from (value for one, value in pairs if is_name(one, name))
            elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.NamedExpr)):
                if is_name(node.target, name) and node.value:
                    yield node.value
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("append", "extend")
                and is_name(node.func.value, name)
            ):
                yield from node.args

    def called(self, node: ast.Call, scope: Scope, depth: int) -> Iterator[str]:
        """Yield the texts that a helper returns or yields, wherever it is written."""
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr in SHAPING:
            if function.attr == "join":
                yield from (text for arg in node.args for text in self.texts(arg, scope, depth))
            else:
                yield from self.texts(function.value, scope, depth)
            return
        name, module = getattr(function, "id", ""), ""
        if isinstance(function, ast.Attribute):
            name = function.attr
            module = ".".join(self.imports.get(getattr(function.value, "id", ""), ()))
        elif name in self.imports:
            module, name = self.imports[name]
        other = self.read(module) if module else self
        if other and name in other.functions:
            yield from other.returned(other.functions[name], depth)

    def returned(self, function: ast.AST, depth: int) -> Iterator[str]:
        """Yield the texts that a function gives back."""
        for node in ast.walk(function):
            if isinstance(node, REPLIES):
                yield from self.texts(node.value, [function], depth)


def is_name(node: ast.AST, name: str) -> bool:
    """Say whether a node is this name."""
    return isinstance(node, ast.Name) and node.id == name
