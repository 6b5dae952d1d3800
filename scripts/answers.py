"""What projects may have answered, at a version: templates, questions and their choices.

An answer that a later version does not know is lost: Copier takes the default in its place.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class Answers:
    """The templates of a version, and its questions with their choices and defaults."""

    templates: frozenset[str]
    choices: dict[str, frozenset[str]]
    defaults: dict[str, str] = field(default_factory=dict)


def lost(old: Answers, new: Answers) -> list[str]:
    """Return what projects of the old version have answered and the new one does not know."""
    gone = [f"The template {name} is gone." for name in sorted(old.templates - new.templates)]
    for name, choices in old.choices.items():
        kept = new.choices.get(name)
        if kept is None:
            if not any(carries(default, name) for default in new.defaults.values()):
                gone.append(
                    f"The question {name} is gone. One that takes its place needs the default "
                    f"{{{{ {name} | default(...) }}}}."
                )
        # A question that has become free of choices takes every answer.
        elif kept and choices - kept:
            gone.append(f"The question {name} has lost {', '.join(sorted(choices - kept))}.")
    return [f"{reason} Projects would lose their answers." for reason in gone]


def carries(default: str, name: str) -> bool:
    """Say whether a default takes over the answer to a question of another name."""
    return bool(re.search(rf"\b{re.escape(name)}\s*\|\s*default\(", default))


def read(root: Path, version: str | None) -> Answers:
    """Return the answers at a version; None is the working tree."""
    files = Files(root, version)
    questions = files.load("copier.yml")
    asked = {
        name: question
        for name, question in questions.items()
        if isinstance(question, dict)
        and not name.startswith("_")
        and question.get("when") is not False
    }
    return Answers(
        frozenset(
            str(entry["name"]) for entry in map(files.load, files.matching("templates/*.yml"))
        ),
        {name: choices_of(question.get("choices")) for name, question in asked.items()},
        {name: str(question.get("default")) for name, question in asked.items()},
    )


def choices_of(choices: Any) -> frozenset[str]:
    """Return the values of choices; none where they are computed, or any answer will do."""
    if isinstance(choices, dict):
        values: Iterable[Any] = choices.values()
    elif isinstance(choices, list):
        values = [choice[1] if isinstance(choice, list) else choice for choice in choices]
    else:
        values = []
    return frozenset(str(value["value"] if isinstance(value, dict) else value) for value in values)


@dataclass(frozen=True)
class Files:
    """The files of the repository at a version."""

    root: Path
    version: str | None

    def matching(self, pattern: str) -> list[str]:
        """Return the paths that a pattern of `!include` means."""
        folder = pattern.rpartition("/")[0]
        if self.version is None:
            names = [path.relative_to(self.root).as_posix() for path in self.root.glob(pattern)]
        else:
            names = self.git("ls-tree", "--name-only", self.version, f"{folder}/").splitlines()
        return sorted(name for name in names if fnmatch(name, pattern))

    def text(self, name: str) -> str:
        """Return the text of a file."""
        if self.version is None:
            return (self.root / name).read_text("utf-8")
        return self.git("show", f"{self.version}:{name}")

    def load(self, name: str) -> dict[str, Any]:
        """Return the content of a YAML file: of all its documents, with what they include."""
        files = self

        class Loader(yaml.SafeLoader):
            """Knows `!include`, in the way of Copier."""

        def include(_: yaml.SafeLoader, node: yaml.ScalarNode) -> dict[str, Any]:
            merged: dict[str, Any] = {}
            for path in files.matching(str(node.value)):
                merged |= files.load(path)
            return merged

        Loader.add_constructor("!include", include)
        content: dict[str, Any] = {}
        for document in yaml.load_all(self.text(name), Loader):
            content |= document or {}
        return content

    def git(self, *arguments: str) -> str:
        """Run git and return what it prints."""
        return subprocess.run(
            ["git", *arguments], cwd=self.root, check=True, stdout=subprocess.PIPE, encoding="utf-8"
        ).stdout
