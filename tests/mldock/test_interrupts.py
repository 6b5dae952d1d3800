"""Ctrl-C and SIGTERM in each command: it ends soon, says so in a line, and is not a success."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.client import free_port
from tests.mldock.workspace import CONTAINER, ROOT, TIMEOUT, Run, Workspace

# A docker or a uv that works for ever, once it is asked for what the command is about. The command
# has to see that it has started it, before a signal comes.
SLOW = """\
#!/bin/sh
for word in build pull compile; do
    case " $* " in
        *" $word "*) sleep 0.3; echo $$ > "$BEGUN.new"; mv "$BEGUN.new" "$BEGUN"; exec sleep 600 ;;
    esac
done
"""
# Where no image sets them.
LAPTOP = {"MLDOCK_BASE_DIR": "", "MLDOCK_STOPPED_EXIT_CODE": ""}
SIGNALS = [(signal.SIGINT, 130, "Ctrl-C"), (signal.SIGTERM, 143, "SIGTERM")]
TRAINER = '(environment.base_dir / "training").touch()\nwait_for(environment.base_dir / "never")'


@pytest.fixture
def project(workspace: Workspace) -> Workspace:
    """Return a project whose docker and uv are slow."""
    workspace.write("mldock.json", '{"image_name": "test", "registry": "registry.example"}')
    workspace.write("pyproject.toml", "")
    workspace.write_assets((CONTAINER / "assets.py").read_text("utf-8"))
    for name in ("requirements.txt", "requirements.lock", "container/requirements.txt"):
        (workspace.src / name).touch()
    for name in ("docker", "uv"):
        program = workspace.path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(SLOW, "utf-8")
        program.chmod(0o755)
    return workspace


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """Return a server that never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(TIMEOUT)
        yield server


def start(project: Workspace, *command: str, **variables: str) -> Run:
    """Start a command in the project."""
    paths = [str(project.path / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]
    variables |= {"PATH": os.pathsep.join(paths), "BEGUN": str(project.path / "begun")}
    arguments = [sys.executable, "-m", "mldock", *command]
    run = Run(project, arguments, {**LAPTOP, **variables}, cwd=project.path)
    project.runs.append(run)
    return run


def is_running(pid: int) -> bool:
    """Return whether a process runs."""
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rpartition(") ")[2][0] != "Z"


@pytest.mark.parametrize(("number", "code", "name"), SIGNALS)
@pytest.mark.parametrize(
    "command", ["build", "lock", pytest.param("pull", marks=pytest.mark.docker)]
)
def test_program_that_works(
    project: Workspace, command: str, number: signal.Signals, code: int, name: str
) -> None:
    """What the command has started ends with it."""
    run = start(project, command, *(["--tag", "1"] if command == "pull" else []))
    run.wait_for(project.path / "begun")
    run.process.send_signal(number)
    if number == signal.SIGINT:
        # A terminal sends it to both.
        with suppress(ProcessLookupError):
            os.kill(int((project.path / "begun").read_text()), number)

    assert run.wait() == code, run.log
    assert run.log.endswith(f"mldock {command}: stopped by {name}.\n")
    assert "Traceback" not in run.log
    assert not is_running(int((project.path / "begun").read_text()))


@pytest.mark.parametrize(("number", "code", "name"), SIGNALS)
@pytest.mark.parametrize("command", ["predict", "download", "upload"])
def test_server_that_is_silent(
    project: Workspace,
    silent: socket.socket,
    command: str,
    number: signal.Signals,
    code: int,
    name: str,
) -> None:
    """A command that waits for an answer does not wait on."""
    address = f"127.0.0.1:{silent.getsockname()[1]}"
    project.write("payload.json", "{}")
    project.write(
        "mldock.json",
        '{"image_name": "test", "data": [{"name": "a", "remote": "s3://bucket/a"}]}',
    )
    (project.path / "data" / "a").mkdir(parents=True)
    project.write("data/a/rows.csv", "1,2")
    store = {"AWS_ENDPOINT_URL_S3": f"http://{address}", "AWS_ALLOW_HTTP": "true"}
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "eu-west-1"}
    words = {
        "predict": ["predict", "payload.json", "--url", f"http://{address}"],
        "download": ["data", "pull", "a"],
        "upload": ["data", "push", "a"],
    }[command]
    run = start(project, *words, **store, **keys)
    connection, _ = silent.accept()
    with connection:
        run.process.send_signal(number)

        assert run.wait() == code, run.log
    assert run.log.endswith(f"mldock {words[0]}: stopped by {name}.\n")
    assert "Traceback" not in run.log


def wait_until(process: subprocess.Popen[Any], is_so: Callable[[], bool]) -> None:
    """Wait for something that a process does."""
    deadline = time.monotonic() + TIMEOUT
    while not is_so():
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.05)


@pytest.mark.parametrize(("number", "code", "name"), SIGNALS)
@pytest.mark.parametrize("moment", ["starting", "training"])
def test_train(
    project: Workspace, number: signal.Signals, code: int, name: str, moment: str
) -> None:
    """A training that is stopped is not a success; the message says by what, at any moment."""
    project.write_trainer(TRAINER)
    run = start(project, "train")
    sign = project.path / ".mldock" / "training" if moment == "training" else "Starting src"
    run.wait_for(sign)
    run.process.send_signal(number)

    assert run.wait() == code, run.log
    assert "Traceback" not in run.log
    assert moment == "starting" or f"stopped by {name}" in run.log


def test_train_behind_nohup(project: Workspace) -> None:
    """A training outlives its terminal where its user has asked for that."""
    project.write_trainer(TRAINER)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        run = start(project, "train")
    finally:
        signal.signal(signal.SIGHUP, before)
    run.wait_for(project.path / ".mldock" / "training")
    run.process.send_signal(signal.SIGHUP)
    time.sleep(1)

    assert run.process.poll() is None
    (project.path / ".mldock" / "never").touch()
    assert run.wait() == 0, run.log


def test_terminal_that_is_closed(project: Workspace) -> None:
    """A training that prints saves what it has, though nobody reads it any more."""
    project.write_trainer(
        """
        (environment.base_dir / "training").touch()
        try:
            while True:
                print("epoch")
                time.sleep(0.001)
        except StopRequested:
            print("saving")
            (environment.model_dir / "weights").touch()
            raise
        """
    )
    mine, theirs = os.openpty()
    command = [sys.executable, "-m", "mldock", "train"]
    clean = {key: value for key, value in os.environ.items() if not key.startswith("MLDOCK_")}
    with subprocess.Popen(
        ["setsid", "--ctty", "--wait", *command],
        cwd=project.path,
        env={**clean, "PATH": f"{Path(sys.executable).parent}:{clean['PATH']}"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        while not (project.path / ".mldock" / "training").exists():
            os.read(mine, 4096)
        os.close(mine)
        process.wait(TIMEOUT)

    run = wait_for_run(project.path / ".mldock" / "output" / "data" / "runs")
    assert '"stopped"' in run
    assert (project.path / ".mldock" / "model.stopped" / "weights").exists()


def wait_for_run(folder: Path) -> str:
    """Return the file of the run in a folder, once it has ended."""
    deadline = time.monotonic() + TIMEOUT
    while '"outcome"' not in (text := "".join(path.read_text() for path in folder.iterdir())):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return text


@pytest.mark.parametrize(("number", "code"), [row[:2] for row in SIGNALS])
def test_serve_before_it_is_ready(project: Workspace, number: signal.Signals, code: int) -> None:
    """A server that has served nobody is not a success; one that is ended is (test_commands)."""
    (project.path / ".mldock" / "model" / "net").mkdir(parents=True)
    loading = "Path(model_dir, 'loading').touch(); time.sleep(600)"
    project.write(
        "src/prediction.py",
        f"import time\nfrom pathlib import Path\nclass Service:\n"
        f"    def load(self, model_dir):\n        {loading}\n",
    )
    run = start(project, "serve", "--port", str(free_port()))
    run.wait_for(project.path / ".mldock" / "model" / "loading")
    run.process.send_signal(number)

    assert run.wait() == code, run.log


def test_sigterm_of_nox(project: Workspace) -> None:
    """SIGTERM reaches what nox runs, and becomes its exit code; so does it while it installs."""
    noxfile = (ROOT / "templates/_shared/project/noxfile.py").read_text("utf-8")
    for ending in ("", "\ndef install():\n    execute('docker', 'build')\n"):
        project.write("noxfile.py", noxfile + (ending or "\ndef install():\n    pass\n"))
        python = project.path / ".venv" / "bin" / "python"
        python.parent.mkdir(parents=True, exist_ok=True)
        if not python.exists():
            python.symlink_to(sys.executable)
        (project.path / "begun").unlink(missing_ok=True)
        variables = {"PATH": f"{project.path / 'bin'}:{os.environ['PATH']}"}
        with subprocess.Popen(
            [sys.executable, "-m", "nox", "-s", "build"],
            cwd=project.path,
            env={**os.environ, **variables, "BEGUN": str(project.path / "begun")},
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            wait_until(process, lambda: (project.path / "begun").exists())
            process.terminate()
            _, errors = process.communicate(timeout=TIMEOUT)

        assert process.returncode == 143, errors
        assert "Traceback" not in errors
        assert not is_running(int((project.path / "begun").read_text()))
