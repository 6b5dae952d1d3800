"""What a project lacks to become a template."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extensions.model import Tree
from extensions.reading.refusals import Refusal


@dataclass(frozen=True)
class Lack:
    """Something that a project does not have.

    Attributes:
        what: What is missing, and what for.
        remedy: What to do.
        is_fatal: Whether there can be no template without it.

    """

    what: str
    remedy: str
    is_fatal: bool

    @property
    def refusal(self) -> Refusal:
        """The lack as a reason against the capture."""
        return Refusal("the project", self.what, self.remedy)


@dataclass(frozen=True)
class _Part:
    """A part of a project: any file whose path matches will do."""

    pattern: re.Pattern[str]
    lack: Lack


def _needed(pattern: str, what: str, remedy: str) -> _Part:
    return _Part(re.compile(pattern), Lack(what, remedy, is_fatal=True))


def _advised(pattern: str, what: str, remedy: str) -> _Part:
    return _Part(re.compile(pattern), Lack(what, remedy, is_fatal=False))


# The paths are those of a project of today, and of some that others make.
_PARTS = [
    _needed(
        r"src/.+",
        "no folder src/ with files in git",
        "Put the project's code into src/, and commit it.",
    ),
    _needed(
        r"src/container/.+",
        "no folder src/container/ with files in git",
        "Put what the image is made of into src/container/: a Dockerfile at least; and commit it.",
    ),
    _needed(
        r"src/container/(.+/)?(Dockerfile|[^/]+\.Dockerfile|Dockerfile\.[^/]+)",
        "no Dockerfile in src/container/",
        "Write src/container/Dockerfile; one of a project made with `copier copy` is a good start.",
    ),
    _advised(
        r"src/container/(.+/)?(executor\.sh|__main__\.py|main\.py)",
        "no entry point src/container/executor.sh, which takes `train` and `serve`",
        "Add it, unless the base image brings its own.",
    ),
    _advised(
        r"src/(.+/)?(trainer|train)\.py",
        "no trainer src/trainer.py",
        "Add it, unless the template is for a model that is trained elsewhere.",
    ),
    _advised(
        r"src/(.+/)?(prediction|predict|predictor|serve)\.py",
        "no prediction src/prediction.py",
        "Add it, unless the template is for a model that is only trained.",
    ),
    _advised(
        r"(src/(.+/)?)?(requirements[^/]*\.(txt|lock|in)|pyproject\.toml|environment\.ya?ml)",
        "no list of requirements, such as src/requirements.txt",
        "Name there, with versions, what the image installs.",
    ),
    _advised(
        r"mldock\.(json|ya?ml)",
        "no mldock.json, which names image, channels and stages",
        "Add one; `copier copy` gives an example.",
    ),
    _advised(
        r"README(\.[a-z]+)?",
        "no README",
        "Write README.md: what the project does, and how it is trained and served.",
    ),
    _advised(
        r"\.gitignore",
        "no .gitignore",
        "Add one that names data, models, caches and .env, or each project commits them.",
    ),
    _advised(
        r"(.+/)?(tests?/.+|test_[^/]+|[^/]+_test\.py)",
        "no tests, so nothing proves that a project under another name works",
        "Write tests/ for pytest.",
    ),
    _advised(
        r"noxfile\.py",
        "no noxfile.py with the sessions build, train, serve, predict and test",
        "Add one; `copier copy` gives an example.",
    ),
]


def missing(files: Tree) -> list[Lack]:
    """Return what a project lacks: first what it cannot do without, then what is advised."""
    found: Sequence[str] = list(files)
    return [part.lack for part in _PARTS if not any(part.pattern.fullmatch(path) for path in found)]
