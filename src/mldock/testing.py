"""Run a project's trainer and its container in tests, without Docker.

```python
with serve(base_dir) as client:
    assert client.request("/ping").status == 200
```
"""

from __future__ import annotations

import json
import math
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mldock.environment import Environment
from mldock.project import project_dir, read_project

__all__ = [
    "PROJECT",
    "Client",
    "Container",
    "Response",
    "image_name",
    "is_close",
    "make_base_dir",
    "make_environment",
    "run",
    "serve",
]

PROJECT = project_dir()
"""The root of the project, where payload.json is."""

# In seconds, for a server to become ready and for a container to end.
TIMEOUT = 120.0

# In seconds, between two looks at what is waited for.
POLL_INTERVAL = 0.05


@dataclass(frozen=True)
class Response:
    """The response of a server.

    Attributes:
        status: The HTTP status.
        content_type: The header `Content-Type`; empty without one.
        headers: All headers by name, in any case.
        body: The body as it was sent.

    """

    status: int
    content_type: str
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON; raises ValueError where it is not JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Client:
    """A client of the server at a URL, such as `http://127.0.0.1:8080`."""

    url: str

    def request(self, path: str, body: bytes | None = None, **headers: str) -> Response:
        """Send a request and return its response, whatever its status is.

        Args:
            path: The path, such as `/ping`.
            body: What to send by POST; without it the method is GET.
            headers: With underscores for the dashes in their names: `Content_Type="text/csv"`.

        Raises:
            OSError: No server answers at the URL.

        """
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, data=body, headers=names)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                return respond(answer.status, answer)
        except urllib.error.HTTPError as error:
            with error:
                return respond(error.code, error)

    def invoke(self, body: bytes, content_type: str, **headers: str) -> Response:
        """Send a body to `/invocations` and return the response."""
        return self.request("/invocations", body, Content_Type=content_type, **headers)

    def is_ready(self) -> bool:
        """Return whether `/ping` answers 200."""
        try:
            return self.request("/ping").status == 200
        except OSError:
            return False


def respond(status: int, answer: Any) -> Response:
    """Return the response that urllib has received."""
    headers = answer.headers
    return Response(status, headers.get("Content-Type", ""), headers, answer.read())


class Container:
    """`executor.sh` with a command, started as a platform starts it; for `with`.

    What still runs at the end of the block gets SIGTERM, and two minutes later SIGKILL.

    Args:
        command: `train` or `serve`.
        base_dir: The directory that is `/opt/ml` for it.
        variables: Environment variables, beside those of the tests.

    """

    def __init__(self, command: str, base_dir: Path, **variables: str) -> None:
        self.base_dir = base_dir
        self.command = ["bash", str(PROJECT / "src" / "container" / "executor.sh"), command]
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        self.variables = {
            **os.environ,
            "PATH": path,
            "MLDOCK_BASE_DIR": str(base_dir),
            # As in the image.
            "MLDOCK_STOPPED_EXIT_CODE": "0",
            **variables,
        }

    def __enter__(self) -> Container:
        # A file: a pipe that nobody reads stops the container as soon as it is full.
        self.output = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            self.command, env=self.variables, stdout=self.output, stderr=self.output
        )
        return self

    def __exit__(self, *_error: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(TIMEOUT)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.end_of_log = self.log
        self.output.close()

    @property
    def log(self) -> str:
        """What it has printed so far."""
        if self.output.closed:
            return self.end_of_log
        size = os.fstat(self.output.fileno()).st_size
        return os.pread(self.output.fileno(), size, 0).decode(errors="replace")

    @property
    def failure(self) -> str:
        """The text of `output/failure`, whose first line is the reason; empty without the file."""
        path = self.base_dir / "output" / "failure"
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def terminate(self) -> None:
        """Send SIGTERM, as platforms do to stop a container."""
        self.process.terminate()

    def wait(self) -> int:
        """Wait until it has ended and return its exit code.

        Raises:
            subprocess.TimeoutExpired: It has not ended within two minutes.

        """
        return self.process.wait(TIMEOUT)

    def wait_for(self, text: str) -> None:
        """Wait until it has printed a text.

        Raises:
            AssertionError: It has ended without, or two minutes are over; the message is its log.

        """
        deadline = time.monotonic() + TIMEOUT
        while text not in self.log:
            is_waiting = self.process.poll() is None and time.monotonic() < deadline
            assert is_waiting or text in self.log, self.log
            time.sleep(POLL_INTERVAL)


def run(command: str, base_dir: Path, **variables: str) -> tuple[int, Container]:
    """Run a container to its end and return its exit code, and the container with its log.

    Args:
        command: `train` or `serve`.
        base_dir: The directory that is `/opt/ml` for it.
        variables: Environment variables, beside those of the tests.

    """
    with Container(command, base_dir, **variables) as container:
        code = container.wait()
    return code, container


@contextmanager
def serve(base_dir: Path, **variables: str) -> Iterator[Client]:
    """Serve the model of a base directory without nginx, and yield a client once it is ready.

    At the end of the block the server gets SIGTERM.

    Raises:
        AssertionError: The server is not ready within two minutes, or has ended by itself, or its
            exit code after SIGTERM is not 0; the message is its log.

    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    client = Client(f"http://{address}")
    with Container("serve", base_dir, MLDOCK_SERVER_BIND=address, **variables) as container:
        deadline = time.monotonic() + TIMEOUT
        while not client.is_ready():
            is_waiting = container.process.poll() is None and time.monotonic() < deadline
            assert is_waiting, container.log
            time.sleep(POLL_INTERVAL)
        yield client
        container.terminate()
        assert container.wait() == 0, container.log


def make_base_dir(directory: Path) -> Path:
    """Copy `data/` to where a platform puts the channels below `/opt/ml`; return the directory."""
    shutil.copytree(PROJECT / "data", directory / "input" / "data")
    return directory


def make_environment(directory: Path, *, data: bool = True) -> Environment:
    """Return an environment below a directory, for a test that calls the trainer itself.

    Args:
        directory: An empty directory, which is `/opt/ml` for the trainer.
        data: Whether `data/` is copied into the channels; without it there is no channel.

    """
    environment = Environment(make_base_dir(directory) if data else directory)
    environment.make_directories()
    return environment


def image_name() -> str:
    """Return the name of the image that `nox -s build` makes, with its tag."""
    project = read_project()
    return f"{project.image_name}:{project.tag or 'latest'}"


def is_close(one: Any, other: Any) -> bool:
    """Return whether two JSON values are equal, but for the last digits of their numbers.

    Numbers may differ by 1e-5 of their size: another processor adds in another order.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_close(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_close, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-5, abs_tol=1e-9)
    return bool(one == other)
