"""The server in the container, under the strictest platform, against the run without Docker."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from docker.models.containers import Container

from tests.client import ask, free_port, wait_until_ready
from tests.container.conftest import Image
from tests.container.test_lifecycle import STRICT, finish

pytestmark = pytest.mark.docker

# The process with the lowest number is the master.
KILL = """
import os, pathlib, sys
for process in sorted(pathlib.Path("/proc").glob("[0-9]*"), key=lambda path: int(path.name)):
    if sys.argv[1].encode() in (process / "cmdline").read_bytes():
        sys.exit(os.kill(int(process.name), 9))
"""


@pytest.fixture(scope="module")
def trained(image: Image) -> Image:
    """Return the image, with a model that was trained without Docker in the project."""
    result = image.project.nox("train")
    assert result.returncode == 0, result.stdout
    return image


@pytest.fixture(scope="module")
def answers(trained: Image) -> Any:
    """Return the answers of `nox -s predict` while `nox -s serve` runs without Docker."""
    project = trained.project
    port = str(free_port())
    with project.start("serve", "--port", port) as process:
        wait_until_ready(f"http://127.0.0.1:{port}", lambda: "nox -s serve")
        result = project.nox("predict", "payload.json")
        stopped = project.nox("stop")
        assert process.wait(timeout=30) == 0
    assert (result.returncode, stopped.returncode) == (0, 0), result.stdout + stopped.stdout
    return next(json.loads(line) for line in result.stdout.splitlines() if line.startswith("[{"))


@pytest.fixture(params=["strict", "root"])
def server(trained: Image, request: pytest.FixtureRequest) -> Iterator[tuple[Container, str]]:
    """Return a container that is ready, and its address."""
    base_dir = trained.project.path / ".mldock"
    options = STRICT if request.param == "strict" else {}
    container = trained.start("serve", base_dir, ports={"8080/tcp": ("127.0.0.1", None)}, **options)
    container.reload()
    url = f"http://127.0.0.1:{container.ports['8080/tcp'][0]['HostPort']}"
    statuses = wait_until_ready(url, lambda: container.logs().decode())
    # Before it is ready it refuses the connection (None) or says so (503).
    assert statuses <= {None, 503}
    yield container, url
    container.remove(force=True)


def test_answers_equal_those_without_docker(
    trained: Image, answers: Any, server: tuple[Container, str]
) -> None:
    """The same model gives the same predictions in the image."""
    payload = (trained.project.path / "payload.json").read_bytes()
    status, body = ask(server[1], "/invocations", payload, Content_Type="application/json")
    assert status == 200

    for here, there in zip(answers, json.loads(body), strict=True):
        assert here.keys() == there.keys()
        for name, value in here.items():
            expected = pytest.approx(value, rel=1e-5) if isinstance(value, float) else value
            assert there[name] == expected


def test_refusals_are_clear(server: tuple[Container, str]) -> None:
    """What a client did wrong has its status and its reason, through nginx too."""
    url = server[1]
    refusals = {
        400: ask(url, "/invocations", b"{", Content_Type="application/json"),
        404: ask(url, "/nowhere"),
        405: ask(url, "/invocations"),
        413: ask(url, "/invocations", b" " * (101 * 2**20), Content_Type="text/csv"),
        415: ask(url, "/invocations", b"x", Content_Type="application/xml"),
    }

    assert {status: answer[0] for status, answer in refusals.items()} == {
        status: status for status in refusals
    }
    assert all(json.loads(body)["error"] for _, body in refusals.values())


def test_stop_ends_the_server_in_order(server: tuple[Container, str]) -> None:
    """`docker stop` ends it with exit code 0, long before the kill."""
    started = time.monotonic()
    server[0].stop(timeout=60)

    code, log = finish(server[0])
    assert code == 0, log
    assert time.monotonic() - started < 15


@pytest.mark.parametrize("process", ["nginx", "gunicorn"])
def test_death_of_a_process_ends_the_container(server: tuple[Container, str], process: str) -> None:
    """The platform starts a new container, since this one says that it failed."""
    server[0].exec_run(["python", "-c", KILL, process])

    code, log = finish(server[0], timeout=30)
    assert code == 1, log
    assert f"{process} ended by itself" in log
