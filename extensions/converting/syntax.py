"""What the code of an old project says, as far as its syntax tells."""

from __future__ import annotations

import ast
from collections.abc import Iterator

# What `environment` has in src/legacy/mldock.py.
ENVIRONMENT = {
    "base_dir",
    "environment_variables",
    "hyperparameters",
    "input_config_dir",
    "input_data_dir",
    "input_dir",
    "model_dir",
    "output_data_dir",
}
OWNERS = {"container_environment", "environment"}


def parse(text: str) -> ast.Module | None:
    """Return the syntax of a module; None if it is not Python 3."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return None


def function(tree: ast.Module | None, name: str) -> ast.FunctionDef | None:
    """Return a function of a module."""
    found = [one for one in (tree.body if tree else []) if isinstance(one, ast.FunctionDef)]
    return next((one for one in found if one.name == name), None)


def defined(tree: ast.Module) -> set[str]:
    """Return the names that a module defines."""
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    assigned = [node for node in tree.body if isinstance(node, ast.Assign)]
    targets = [target for node in assigned for target in node.targets]
    return {node.name for node in classes} | {
        target.id for target in targets if isinstance(target, ast.Name)
    }


def needed(found: ast.FunctionDef) -> int:
    """Return how many arguments a call has to have."""
    return len(found.args.posonlyargs + found.args.args) - len(found.args.defaults)


def methods(tree: ast.Module | None, name: str) -> set[str]:
    """Return the methods that a class defines itself."""
    return {
        one.name
        for node in (tree.body if tree else [])
        if isinstance(node, ast.ClassDef) and node.name == name
        for one in node.body
        if isinstance(one, ast.FunctionDef)
    }


def unknown(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield what code wants of `environment` that is not there any more, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr not in ENVIRONMENT:
            owner = node.value
            name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
            if name in OWNERS:
                yield node.lineno, node.attr


def hyperparameters(tree: ast.Module | None) -> dict[str, ast.expr | None]:
    """Return the hyperparameters that code asks for by name, and their defaults."""
    found: dict[str, ast.expr | None] = {}
    for node in ast.walk(tree) if tree else ():
        owner, arguments = None, []
        if isinstance(node, ast.Subscript):
            owner, arguments = node.value, [node.slice]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value if node.func.attr == "get" else None
            arguments = node.args
        if isinstance(owner, ast.Attribute) and owner.attr == "hyperparameters" and arguments:
            name = text_of(arguments[0])
            if name is not None:
                found[name] = found.get(name) or (arguments[1] if len(arguments) > 1 else None)
    return found


def model_folders(tree: ast.Module | None) -> set[str]:
    """Return the folders below `model_dir` that code writes into by a path that it spells out."""
    found: set[str] = set()
    for node in ast.walk(tree) if tree else ():
        if not isinstance(node, ast.Call):
            continue
        given = [getattr(one, "attr", None) for one in node.args]
        if "model_dir" in given:
            parts = list(map(text_of, node.args[given.index("model_dir") + 1 :]))
            if parts and None not in parts:
                folder = "/".join(map(str, parts)).rpartition("/")[0]
                found |= {folder} if folder else set()
    return found


def text_of(node: ast.expr) -> str | None:
    """Return a text that stands there."""
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) else None
