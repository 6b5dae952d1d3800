"""Captures in tests: a project by hand, and templates in a repository of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from extensions.building import Request, Result, build_template
from extensions.model import File
from extensions.parameters import parse
from extensions.recipe import Recipe
from extensions.trees import read_tree
from tests.generate.repository import Repository

DOCKERFILE = b"""\
FROM python:3.13-slim
LABEL project="churn-model"
COPY src /srv/churn_model
"""

TRAINER = b'''\
"""Trains the churn model."""

EPOCHS = 20
PATIENCE = 20


class ChurnModelTrainer:
    """Trains; demographic columns stay."""

    name = "churn_model"
'''

TESTS = b"""\
from pathlib import Path


def test_name():
    package = next(Path("src").glob("*/__init__.py")).parent
    assert f"/srv/{package.name}" in Path("src/container/Dockerfile").read_text()
"""

# A project that nobody has generated: each of its files is there for a reason.
BY_HAND: dict[str, bytes | File] = {
    "README.md": "# Churn Model\n\nChurn-model: größer als 0 € {{ mustache }}\n".encode(),
    "mldock.json": b'{\n  "image_name": "churn-model"\n}',
    "src/trainer.py": TRAINER,
    "src/prediction.py": b"from churn_model import score\r\n\r\nprint(score)\r\n",
    "src/churn_model/__init__.py": b"score = 1\n",
    "src/container/Dockerfile": DOCKERFILE,
    "src/container/executor.sh": File(b"#!/bin/sh\necho ${#CHURN_MODEL[@]} {churn_model}\n", True),
    "src/requirements.txt": b"numpy==2.2.0\n",
    "src/container/page.html.jinja": b"<h1>{{ title }}</h1>{# ChurnModel #}\n",
    ".gitignore": b".venv/\n*.pkl\n{# not jinja #}\n",
    ".gitattributes": b"* -text\n",
    "sub/.gitignore": b"*.tmp\n",
    ".github/workflows/test.yml": b"run: echo ${{ secrets.TOKEN }} ${{ github.sha }} churn-model\n",
    "data/latin.csv": "name;größe\n".encode("latin-1"),
    "data/both.bin": b"\x00\x01churn_model\xff",
    "data/empty.txt": b"",
    "data/bom.csv": b"\xef\xbb\xbfa,b\r1,2\r",
    "docs/übung {x}/notes churn-model.md": b"no final newline",
    "tests/test_names.py": TESTS,
}

NAME = {"project_name": "Churn Model"}


def silent(_: str) -> None:
    """Show nothing."""


def request(path: Path, *params: str, name: str | None = None, **options: Any) -> Request:
    """Return a request to capture a project, without its own tests if nothing else is said."""
    recipe = Recipe(
        data=options.pop("data", {}),
        parameters=tuple(map(parse, params)),
        decisions=options.pop("decided", {}),
        allowed=tuple(options.pop("allowed", ())),
        fix=tuple(options.pop("fix", ())),
    )
    return Request(path, name, recipe, **{"tests": False, **options})


def capture(templates: Repository, path: Path, *params: str, **options: Any) -> Result:
    """Capture a project into a repository of templates."""
    return build_template(request(path, *params, **options), templates.path, silent)


def written(templates: Repository, name: str) -> dict[str, File]:
    """Return the sources of a template."""
    return read_tree(templates.path / "templates" / name)


def run(templates: Repository, path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command with nobody at a terminal."""
    result = subprocess.run(
        [sys.executable, "-m", "extensions", str(path), *options],
        cwd=templates.path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=360,
    )
    assert "Traceback" not in result.stderr
    return result
