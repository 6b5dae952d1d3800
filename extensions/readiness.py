"""What a project lacks to become a template."""

from __future__ import annotations

import re
from dataclasses import dataclass

from extensions.model import Tree


@dataclass(frozen=True)
class MissingPart:
    """A part that a project should have.

    Attributes:
        pattern: Any file whose path matches will do.
        what: What is missing, and what for.
        remedy: What to do.
        is_fatal: Whether there can be no template without it.

    """

    pattern: str
    what: str
    remedy: str
    is_fatal: bool = False


# The paths are those of a project of today, and of some that others make.
PARTS = [
    MissingPart(
        r"src/container/.+",
        "no folder src/container/ with files in git",
        "Put the project's code into src/, and what the image is made of into src/container/.",
        is_fatal=True,
    ),
    MissingPart(
        r"src/container/(.+/)?(Dockerfile|[^/]+\.Dockerfile|Dockerfile\.[^/]+)",
        "no Dockerfile in src/container/",
        "Write src/container/Dockerfile; one of a project made with `copier copy` is a good start.",
        is_fatal=True,
    ),
    MissingPart(
        r"src/container/(.+/)?(executor\.sh|__main__\.py|main\.py)",
        "no entry point src/container/executor.sh, which takes `train` and `serve`",
        "Add it, unless the base image brings its own.",
    ),
    MissingPart(
        r"src/(.+/)?(trainer|train)\.py",
        "no trainer src/trainer.py",
        "Add it, unless the template is for a model that is trained elsewhere.",
    ),
    MissingPart(
        r"src/(.+/)?(prediction|predict|predictor|serve)\.py",
        "no prediction src/prediction.py",
        "Add it, unless the template is for a model that is only trained.",
    ),
    MissingPart(
        r"(src/(.+/)?)?(requirements[^/]*\.(txt|lock|in)|pyproject\.toml|environment\.ya?ml)",
        "no list of requirements, such as src/requirements.txt",
        "Name there, with versions, what the image installs.",
    ),
    MissingPart(
        r"mldock\.(json|ya?ml)",
        "no mldock.json, which names image, channels and stages",
        "Add one; `copier copy` gives an example.",
    ),
    MissingPart(
        r"README(\.[a-z]+)?",
        "no README",
        "Write README.md: what the project does, and how it is trained and served.",
    ),
    MissingPart(
        r"\.gitignore",
        "no .gitignore",
        "Add one that names data, models, caches and .env, or each project commits them.",
    ),
    MissingPart(
        r"(.+/)?(tests?/.+|test_[^/]+|[^/]+_test\.py)",
        "no tests, so nothing proves that a project under another name works",
        "Write tests/ for pytest.",
    ),
    MissingPart(
        r"noxfile\.py",
        "no noxfile.py with the sessions build, train, serve, predict and test",
        "Add one; `copier copy` gives an example.",
    ),
]


def missing_parts(files: Tree) -> list[MissingPart]:
    """Return what a project lacks: first what it cannot do without, then what is advised."""
    return [one for one in PARTS if not any(re.fullmatch(one.pattern, path) for path in files)]
