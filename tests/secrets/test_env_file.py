"""`.env` as `nox -s train|serve` reads it: into the run, and nowhere else."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.project import Project
from tests.secrets.conftest import python

READ = (
    "import json; from mldock.cli.env_file import read_env_file; print(json.dumps(read_env_file()))"
)


Write = Callable[[bytes], int]


@pytest.fixture
def env_file(project: Project) -> Iterator[Write]:
    """Return what writes the file; it is removed after the test."""
    path = project.path / ".env"
    yield path.write_bytes
    path.unlink()


def read(project: Project, **variables: str) -> dict[str, str]:
    """Return what a run would get of the file."""
    return dict(json.loads(python(project, READ, **variables).stdout))


@pytest.mark.parametrize(
    ("content", "variables"),
    [
        ("", {}),
        ("# A remark.\n\nNAME=value\n", {"NAME": "value"}),
        ("export NAME=value # remark\n", {"NAME": "value"}),
        ("NAME='a b # c'\n", {"NAME": "a b # c"}),
        ('NAME="two\\nlines"\n', {"NAME": "two\nlines"}),
        (
            'KEY="-----BEGIN\nabc\n-----END"\nNAME=x\n',
            {"KEY": "-----BEGIN\nabc\n-----END", "NAME": "x"},
        ),
        ("NAME=\n", {"NAME": ""}),
        ("NAME=a=b==\n", {"NAME": "a=b=="}),
        ("NAME=${HOME}$PATH$1\n", {"NAME": "${HOME}$PATH$1"}),
        ("NAME=one\nNAME=two\n", {"NAME": "two"}),
        ("mixed_Case=x\nMLDOCK_NAME=y\n", {"mixed_Case": "x", "MLDOCK_NAME": "y"}),
        ("\ufeffNAME=value\r\nOTHER=x\r\n", {"NAME": "value", "OTHER": "x"}),
        ("NAME=käse\n", {"NAME": "käse"}),
        ("PYTHONPATH=src\nPATH=/x\nHOME=/y\nNAME=x\n", {"NAME": "x"}),
    ],
)
def test_values(project: Project, env_file: Write, content: str, variables: dict[str, str]) -> None:
    """A value is what stands there; names are taken as they are."""
    env_file(content.encode())

    assert read(project) == variables


def test_a_variable_of_the_process_takes_precedence(project: Project, env_file: Write) -> None:
    """Who sets a variable for one command means it, were it empty."""
    env_file(b"ONE=file\nTWO=file\nTHREE=file\n")

    assert read(project, ONE="process", TWO="") == {"ONE": "process", "TWO": "", "THREE": "file"}


def test_no_file(project: Project) -> None:
    """It need not be there; a folder of that name is something else."""
    assert read(project) == {}
    (project.path / ".env").mkdir()
    try:
        assert read(project) == {}
    finally:
        (project.path / ".env").rmdir()


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"NAME=x\n\n# A remark.\nTHE-WORD value\n", 4),
        (b"THE-WORD\n", 1),
        (b"\n\n  =THE-WORD\n", 3),
        (b"NAME='THE-WORD\n", 1),
        (b'NAME="THE-WORD" more\n', 1),
        (b"NAME=x\nNAME=THE-WORD\0\n", 2),
        (b'A="two\nlines"\nTHE-WORD\n', 3),
    ],
)
def test_malformed(project: Project, env_file: Write, content: bytes, line: int) -> None:
    """The error names the file and the line, never what stands there."""
    env_file(content)
    for session in ("train", "serve"):
        result = project.nox(session, "-e", "INPUT_MODEL_CHANNEL_X", str(project.path))

        assert result.returncode == 1
        path = project.path / ".env"
        assert f"{path}, line {line} is not NAME=VALUE. Correct it" in result.stdout
        assert "THE-WORD" not in result.stdout
        assert "Traceback" not in result.stdout


def test_not_text(project: Project, env_file: Write) -> None:
    """What Windows may write is told as such."""
    env_file("NAME=THE-WORD\n".encode("utf-16"))
    result = project.nox("train")

    assert result.returncode == 1
    assert ".env cannot be read: it is not UTF-8. Correct or remove it." in result.stdout
    assert "THE-WORD" not in result.stdout


def test_no_platform_is_sent_it(project: Project, env_file: Write, word: str) -> None:
    """What `nox -s deploy` writes into jobs and manifests is made of mldock.json and options."""
    env_file(f"MLDOCK_TRACKING_TOKEN={word}\n".encode())
    code = (
        "from argparse import Namespace\n"
        "from mldock.cli.workspace import run_variables, staged_project\n"
        "options = Namespace(stage='prod', environment=[], hyperparameters=[('seed', '1')])\n"
        "print(run_variables(staged_project(options), options))"
    )
    told = python(project, code).stdout

    assert "MLDOCK_STAGE" in told
    assert word not in told


def test_train(project: Project, env_file: Write, word: str) -> None:
    """The trainer has it; the log does not, nor does a file that the run leaves behind."""
    result, seen = train(project, env_file, word)

    assert result.returncode == 0, result.stdout
    assert seen == {"DATABASE_PASSWORD": word, "MLDOCK_TRACKING_TOKEN": word, "MLDOCK_A": "option"}
    assert word not in result.stdout
    assert word not in left_behind(project)


@pytest.mark.docker
@pytest.mark.usefixtures("image")
def test_train_in_the_image(project: Project, env_file: Write, word: str) -> None:
    """The container has the same; what it had is gone with it."""
    result, seen = train(project, env_file, word, "--docker")

    assert result.returncode == 0, result.stdout
    assert seen == {"DATABASE_PASSWORD": word, "MLDOCK_TRACKING_TOKEN": word, "MLDOCK_A": "option"}
    assert word not in result.stdout
    assert word not in left_behind(project)


def train(
    project: Project, env_file: Write, word: str, *arguments: str
) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """Train with a file, and return the session and what the trainer has seen of it."""
    env_file(f"DATABASE_PASSWORD={word}\nMLDOCK_TRACKING_TOKEN={word}\nMLDOCK_A=file\n".encode())
    result = project.nox("train", *arguments, "-e", "A", "option", "-e", "LOGS_LEVEL", "DEBUG")
    seen = project.path / ".mldock" / "output" / "data" / "seen.json"
    assert seen.exists(), result.stdout
    values = dict(json.loads(seen.read_text("utf-8")))
    seen.unlink()
    return result, values


def left_behind(project: Project) -> str:
    """Return all that lies in `.mldock/`."""
    files = [path for path in (project.path / ".mldock").rglob("*") if path.is_file()]
    assert files
    return "\n".join(path.read_text("utf-8", "replace") for path in files)
