"""What a project lacks to become a template."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from extensions.reading import project
from extensions.reading.readiness import missing
from extensions.reading.refusals import listing
from tests.capture.trees import as_tree
from tests.project import TEMPLATES, generate

# The three layouts that old mldock has made.
GENERATIONS = {
    "A": [
        "mldock.json",
        "src/container/Dockerfile",
        "src/container/assets.py",
        "src/container/executor.sh",
        "src/container/prediction/serve.py",
        "src/container/training/train.py",
        "src/prediction.py",
        "src/requirements.txt",
        "src/trainer.py",
    ],
    "B": [
        "mldock.yaml",
        "src/assets.py",
        "src/container/Dockerfile",
        "src/container/executor.sh",
        "src/container/lifecycle.py",
        "src/container/prediction/serve.py",
        "src/container/training/train.py",
        "src/prediction.py",
        "src/requirements.txt",
        "src/trainer.py",
    ],
    "C": [
        "mldock.yaml",
        "src/assets.py",
        "src/container/Dockerfile",
        "src/container/lifecycle.py",
        "src/prediction.py",
        "src/requirements.txt",
        "src/trainer.py",
    ],
}
WHOLE = [*GENERATIONS["A"], ".gitignore", "README.md", "noxfile.py", "tests/test_trainer.py"]


def lacks(paths: list[str]) -> dict[str, bool]:
    """Return what is missing, and whether it is fatal."""
    return {lack.what: lack.is_fatal for lack in missing(as_tree(dict.fromkeys(paths, b"")))}


def test_nothing() -> None:
    """A project with all parts lacks nothing."""
    assert lacks(WHOLE) == {}


@pytest.mark.parametrize("generation", GENERATIONS)
def test_old_mldock(generation: str) -> None:
    """A project of old mldock can become a template; what is advised is told."""
    found = lacks(GENERATIONS[generation])

    assert not any(found.values())
    expected = {"no README", "no .gitignore", "no noxfile.py", "no tests"}
    expected |= {"no entry point"} if generation == "C" else set()
    assert {word for what in found for word in expected if what.startswith(word)} == expected
    assert len(found) == len(expected)


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
    found = lacks([path for path in WHOLE if path != gone])

    assert len(found) == (0 if what is None else 1)
    assert all(name.startswith(what or "") for name in found)
    assert all(fatal is is_fatal for fatal in found.values())


def test_no_model() -> None:
    """A project with neither trainer nor prediction is told of both."""
    kept = ["src/container/Dockerfile", "src/container/executor.sh"]

    found = " ".join(lacks(kept))

    assert "no trainer" in found
    assert "no prediction" in found


def test_anything_else() -> None:
    """A repository of another kind is told what is fatal first."""
    found = missing(as_tree({"main.py": b"", "container/Dockerfile": b"", "src": b""}))

    assert [lack.is_fatal for lack in found] == sorted((x.is_fatal for x in found), reverse=True)
    fatal = [lack.refusal for lack in found if lack.is_fatal]
    assert len(fatal) == 3
    assert "no folder src/container/" in listing(fatal)
    assert "Put the project's code into src/" in listing(fatal)


@pytest.mark.parametrize("template", TEMPLATES)
def test_own_templates(tmp_path: Path, template: str) -> None:
    """A project made with Copier lacks nothing, and nothing in it is refused."""
    path = generate(tmp_path / "project", template=template).path
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "new"]):
        identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
        subprocess.run(["git", *identity, *command], cwd=path, check=True)

    read = project.read(path)

    assert missing(read.files) == []
    assert read.template == template
