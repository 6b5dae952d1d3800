"""The commands of a project say clearly what is in their way."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client import free_port
from tests.project import Project, generate


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a fresh project; without a model it serves nothing."""
    project = generate(tmp_path_factory.mktemp("with blanks") / "commands", template="generic")
    refused = project.nox("serve")
    assert refused.returncode == 1
    assert "There is no model in .mldock/model. Train one: nox -s train" in refused.stdout
    return project


@pytest.fixture(scope="module")
def trained(project: Project) -> Project:
    """Return the project with a model; its checkout keeps no file executable."""
    (project.path / "src" / "container" / "executor.sh").chmod(0o644)
    assert project.nox("train").returncode == 0
    return project


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ["train", "--docker"],
            1,
            "No Docker engine answers. Start Docker.",
        ),
        (["build"], 1, "No Docker engine answers. Start Docker."),
        (["train", "-p", "epochs", "3"], 1, "there is no hyperparameter 'epochs'"),
        (["train", "-p", "test_size", "x"], 1, "hyperparameter test_size: "),
        (["train", "--dokcer"], 2, "unrecognized arguments: --dokcer"),
        (["serve", "--port", "99999"], 2, "'99999' is not a port; use a number from 1 to 65535"),
        (["predict", "missing.json"], 2, "missing.json does not exist"),
        (["predict", "README.md"], 2, "must end in one of .json, .csv"),
        (
            ["predict", "--url", "http://127.0.0.1:9"],
            1,
            "Nothing answers at http://127.0.0.1:9 ([Errno 111] Connection refused).",
        ),
        (["stop"], 0, "Nothing was running."),
    ],
)
def test_message(project: Project, arguments: list[str], code: int, message: str) -> None:
    """One line names what is wrong and what to do; the exit code is the command's."""
    result = project.nox(*arguments, DOCKER_HOST="unix:///nowhere.sock")

    assert message in result.stdout
    assert result.returncode == code
    assert "Traceback" not in result.stdout


def test_no_buildkit(project: Project, tmp_path: Path) -> None:
    """A docker command without BuildKit is refused before it fails."""
    docker = tmp_path / "docker"
    docker.write_text('#!/bin/sh\ntest "$1" = version\n', encoding="utf-8")
    docker.chmod(0o755)

    result = project.nox("build", PATH=f"{tmp_path}:{os.environ['PATH']}")

    assert result.returncode == 1
    assert "This docker command has no BuildKit." in result.stdout


@pytest.mark.docker
def test_no_image(trained: Project) -> None:
    """An image that was not built is not looked for in a registry."""
    for session in ("train", "serve"):
        result = trained.nox(session, "--docker", "--tag", "never-built")

        assert result.returncode == 1
        assert "There is no image commands:never-built. Build it: nox -s build" in result.stdout


def test_port_in_use(trained: Project) -> None:
    """Another program's port is named, and so is the way to choose another."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = trained.nox("serve", "--port", str(port))

    assert result.returncode == 1
    assert f"Port {port} cannot be used" in result.stdout
    assert f"--port {port + 1}" in result.stdout


@pytest.fixture
def server(trained: Project) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Return `nox -s serve` without Docker in a terminal's process group, and its output file."""
    process = subprocess.Popen(
        trained.command("serve", "--port", str(free_port())),
        cwd=trained.path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    curl = next(line.strip() for line in process.stdout if line.strip().startswith("curl "))
    yield process, curl
    trained.nox("stop")
    process.communicate(timeout=300)


def test_printed_curl_line_works_and_ctrl_c_ends_in_order(
    server: tuple[subprocess.Popen[str], str],
) -> None:
    """The line works when pasted; Ctrl-C reaches the whole terminal, and ends it with 0."""
    process, curl = server
    answer = subprocess.run(f"{curl} --silent", shell=True, capture_output=True, timeout=150)
    assert b'"species":"setosa"' in answer.stdout

    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    assert "Traceback" not in output


def test_closed_terminal_ends_the_server(
    trained: Project, server: tuple[subprocess.Popen[str], str]
) -> None:
    """Nothing goes on behind a terminal that is gone: the port is free again."""
    process, curl = server

    os.killpg(process.pid, signal.SIGHUP)
    process.communicate(timeout=300)

    deadline = time.monotonic() + 150
    while subprocess.run(f"{curl} --silent", shell=True, capture_output=True).returncode != 7:
        assert time.monotonic() < deadline, "the server still answers"
        time.sleep(0.2)
    assert "Nothing was running" in trained.nox("stop").stdout


def test_refused_request_is_told(
    trained: Project, server: tuple[subprocess.Popen[str], str], tmp_path: Path
) -> None:
    """`predict` prints the reason and the status, and ends with 1."""
    assert server
    payload = tmp_path / "wrong.json"
    payload.write_text('{"sepal_length": "long"}', encoding="utf-8")

    result = trained.nox("predict", str(payload))

    assert result.returncode == 1
    assert "row 1, sepal_length" in result.stdout
    assert "HTTP status 422" in result.stdout
