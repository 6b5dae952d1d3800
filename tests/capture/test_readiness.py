"""What a project lacks to become a template."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from extensions import project
from extensions.readiness import missing_parts
from tests.capture.trees import as_tree
from tests.project import TEMPLATES, generate

WHOLE = [
    ".gitignore",
    "README.md",
    "mldock.json",
    "noxfile.py",
    "src/container/Dockerfile",
    "src/container/executor.sh",
    "src/container/prediction/serve.py",
    "src/prediction.py",
    "src/requirements.txt",
    "src/trainer.py",
    "tests/test_trainer.py",
]


def missing_from(paths: list[str]) -> dict[str, bool]:
    """Return what is missing, and whether it is fatal."""
    return {part.what: part.is_fatal for part in missing_parts(as_tree(dict.fromkeys(paths, b"")))}


def test_nothing() -> None:
    """A project with all parts lacks nothing."""
    assert missing_from(WHOLE) == {}


@pytest.mark.parametrize(
    ("gone", "what", "is_fatal"),
    [
        ("src/container/Dockerfile", "no Dockerfile", True),
        ("src/container/executor.sh", "no entry point", False),
        ("src/requirements.txt", "no list of requirements", False),
        ("src/prediction.py", None, False),
        ("mldock.json", "no mldock.json", False),
        ("README.md", "no README", False),
        (".gitignore", "no .gitignore", False),
        ("noxfile.py", "no noxfile.py", False),
        ("tests/test_trainer.py", "no tests", False),
    ],
)
def test_one_part(gone: str, what: str | None, is_fatal: bool) -> None:
    """Each part is missed by itself; `prediction/serve.py` stands in for `prediction.py`."""
    found = missing_from([path for path in WHOLE if path != gone])

    assert len(found) == (0 if what is None else 1)
    assert all(name.startswith(what or "") for name in found)
    assert all(fatal is is_fatal for fatal in found.values())


def test_anything_else() -> None:
    """A repository of another kind is told what is fatal first."""
    found = missing_parts(as_tree({"main.py": b"", "container/Dockerfile": b"", "src": b""}))

    assert [part.is_fatal for part in found] == sorted((x.is_fatal for x in found), reverse=True)
    assert [part.what for part in found if part.is_fatal] == [
        "no folder src/container/ with files in git",
        "no Dockerfile in src/container/",
    ]


@pytest.mark.parametrize("template", TEMPLATES)
def test_own_templates(tmp_path: Path, template: str) -> None:
    """A project made with Copier lacks nothing, and nothing in it is refused."""
    path = generate(tmp_path / "project", template=template).path
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "new"]):
        identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
        subprocess.run(["git", *identity, *command], cwd=path, check=True)

    read = project.read(path)

    assert missing_parts(read.files) == []
    assert read.template == template
