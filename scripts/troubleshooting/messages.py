"""The messages of a failure that are in the code, each with its file and line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from scripts.troubleshooting.texts import FUNCTIONS, REPLIES, VARIES, Module, Scope

ROOT = Path(__file__).absolute().parents[2]
SHARED = ROOT / "templates" / "_shared"
# Where modules are imported from.
SOURCES = (SHARED / "src", SHARED, ROOT)
SHELL = SHARED / "src" / "container" / "executor.sh"

# What tells a failure, and which of its arguments says what is wrong; None is all of them.
TELLING = {
    "error": None,
    "warning": None,
    "exception": None,
    "critical": None,
    "exit": None,
    "Refusal": 1,
    "Finding": 1,
    "lost": 0,
    "_needed": 1,
    "_advised": 1,
    "telling": 0,
    "fail_on": 1,
    "fail": 0,
    "say": 0,
    "tell": 1,
}
# Functions that say why, and names that hold it.
REASON = re.compile(r"_?(fault|faults|too_large|misfit|difference|failure|wrong_\w+|reason)")
# What is printed tells a failure if it has one of these words.
FAILS = re.compile(
    r"\b(answered with HTTP|can be no|cannot|damaged|does not|failed|fails|no Python|no pod"
    r"|No completed|was cut|was not)\b"
)
# Tables of messages, by the name that they have in their module.
TABLES = ("ANSWERS", "_REASONS")
# Code that no person runs.
NOBODYS = ("/tests/", "/prediction/page/", "/scripts/docs/", "/scripts/troubleshooting/")
# What Jinja asks and does, and the values that it writes.
STATEMENT = re.compile(r"\{%.*?%\}", re.DOTALL)
VALUE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
# Fewer letters than that are no message but what joins others.
SHORTEST = 8


@dataclass(frozen=True)
class Message:
    """A text that a person may see, and where the code has it."""

    text: str
    path: Path
    line: int

    @property
    def place(self) -> str:
        """The file and the line."""
        return f"{self.path.relative_to(ROOT).as_posix()}:{self.line}"


def messages() -> Iterator[Message]:
    """Yield all of them."""
    for path in sorted({*files("*.py"), *files("*.py.jinja"), *files("*.py{% endif %}")}):
        if module := module_at(path):
            yield from of_module(module)
    for path in (ROOT / "copier.yml", *sorted(ROOT.glob("templates/_questions/*.yml"))):
        yield from of_questions(path)
    yield from of_shell(SHELL)


def files(pattern: str) -> Iterator[Path]:
    """Yield the files of a kind that people run, each once: the links of templates lead here."""
    for folder in (SHARED / "src", SHARED / "tools", ROOT / "extensions", ROOT / "scripts"):
        yield from folder.rglob(pattern)
    for name in ("sklearn", "pytorch", "generic"):
        yield from (ROOT / "templates" / name / "src").glob(pattern)


@cache
def module_at(path: Path) -> Module | None:
    """Read a file, where Jinja chooses between lines with all of them."""
    if any(part in path.as_posix() for part in NOBODYS):
        return None
    source = path.read_text("utf-8")
    if path.suffix == ".jinja":
        source = VALUE.sub("value", STATEMENT.sub("", source))
    return Module(path, source, read)


def read(name: str) -> Module | None:
    """Read a module of ours by its dotted name."""
    for folder in SOURCES:
        path = folder.joinpath(*name.split("."))
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.is_file():
                return module_at(file)
    return None


def of_module(module: Module) -> Iterator[Message]:
    """Yield the messages of a file of Python."""
    seen = set()
    for node, scope in walk(module.tree, []):
        for expression in told(node):
            inside = [node, *scope] if isinstance(node, FUNCTIONS) else scope
            for text in module.texts(expression, inside):
                message = Message(" ".join(text.split()), module.path, node.lineno)  # type: ignore[attr-defined]
                if message not in seen and is_message(message.text):
                    seen.add(message)
                    yield message


def walk(node: ast.AST, scope: Scope) -> Iterator[tuple[ast.AST, Scope]]:
    """Yield each node and the functions that it is in, the innermost first."""
    for child in ast.iter_child_nodes(node):
        yield child, scope
        yield from walk(child, [child, *scope] if isinstance(child, FUNCTIONS) else scope)


def told(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the expressions of a node that a person is told."""
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        if getattr(node.exc.func, "id", "") != "AssertionError":
            yield from (*arguments(node.exc, None), node.exc)
    elif isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = name or getattr(node.func, "id", "")
        if name == "print":
            yield from (arg for arg in node.args if FAILS.search(ast.unparse(arg)))
        elif name in TELLING or (name.endswith("Error") and name != "AssertionError"):
            yield from arguments(node, TELLING.get(name))
    elif isinstance(node, ast.Assign):
        target = node.targets[0]
        if getattr(target, "id", "") in TABLES or REASON.fullmatch(getattr(target, "attr", "")):
            yield node.value
    elif isinstance(node, FUNCTIONS) and REASON.fullmatch(node.name):
        yield from (one.value for one in ast.walk(node) if isinstance(one, REPLIES) and one.value)


def arguments(call: ast.Call, position: int | None) -> Iterator[ast.AST]:
    """Yield the arguments that say what is wrong."""
    if position is None:
        yield from (*call.args, *(keyword.value for keyword in call.keywords))
    else:
        yield from call.args[position : position + 1]


def of_questions(path: Path) -> Iterator[Message]:
    """Yield what the questions of Copier refuse."""
    for document in yaml.compose_all(path.read_text("utf-8"), Loader=yaml.SafeLoader):
        for _, question in document.value if isinstance(document, yaml.MappingNode) else []:
            for key, value in question.value if isinstance(question, yaml.MappingNode) else []:
                if key.value == "validator":
                    for part in STATEMENT.split(value.value):
                        text = " ".join(VALUE.sub(VARIES, part).split())
                        if is_message(text):
                            yield Message(text, path, key.start_mark.line + 1)


def of_shell(path: Path) -> Iterator[Message]:
    """Yield what a script of the shell writes to the error stream."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if found := re.search(r'echo "(.*)" >&2', line):
            yield Message(re.sub(r"\$\{?[\w@*]+\}?", VARIES, found[1]), path, number)


def is_message(text: str) -> bool:
    """Say whether a text has words of its own."""
    return len(re.sub(r"[^A-Za-z]", "", text)) >= SHORTEST and " " in text
