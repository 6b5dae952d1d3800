"""`.env` stays where it is: git and the builder do not see it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.generate.repository import own
from tests.project import Project, generate

PLACES = [
    ".env",
    ".env.prod",
    ".envrc",
    "src/.env",
    "src/.env.local",
    "src/container/.env",
    "src/container/prediction/.env.prod",
    "wheels/.env",
]


@pytest.fixture(scope="module")
def littered(tmp_path_factory: pytest.TempPathFactory, word: str) -> Project:
    """Return a project with a secret in files of that name, wherever one may put them."""
    project = generate(tmp_path_factory.mktemp("projects") / "littered", template="generic")
    for place in PLACES:
        (project.path / place).write_text(f"PASSWORD={word}\n", "utf-8")
    (project.path / "src" / "environment.py").write_text("# No secret.\n", "utf-8")
    return project


def test_git_ignores_it(littered: Project) -> None:
    """`git add --all` takes none of those that hold values; the example for others it does."""
    (littered.path / ".env.example").write_text("PASSWORD=\n", "utf-8")
    tracked = own(littered.path).git("ls-files").splitlines()

    # direnv's file is shared in many teams; what it holds is found before a commit.
    assert [name for name in tracked if ".env" in name] == [".env.example", ".envrc"]


@pytest.mark.docker
def test_the_builder_does_not_get_it(littered: Project, word: str, tmp_path: Path) -> None:
    """The whole of the builder's context, as it is on the builder's side."""
    command = ["docker", "build", "--quiet", "--file", "-", "--output", str(tmp_path), "."]
    subprocess.run(
        command, cwd=littered.path, input=b"FROM scratch\nCOPY . /\n", check=True, timeout=300
    )

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    names = {path.relative_to(tmp_path).as_posix() for path in files}
    assert {"mldock.json", "src/trainer.py", "src/environment.py"} <= names
    assert [name for name in names if ".env" in name] == []
    assert [path for path in files if word.encode() in path.read_bytes()] == []
