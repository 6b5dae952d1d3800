"""The edits of docs/extending.md, and what a request or a job shows of each."""

from __future__ import annotations

import functools
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.client import wait_until_ready as wait_for_url
from tests.extending.conftest import SECTIONS, FreshProject
from tests.images import built, name_of
from tests.mldock.serving import exchange, serve, wait_until_ready
from tests.project import Project

# Lets the first worker start at once, and all others when a file is there.
ONE_BY_ONE = """\
        super().startup_worker()
        import time

        try:
            (self.environment.base_dir / "first").mkdir()
        except FileExistsError:
            while not (self.environment.base_dir / "go").exists():
                time.sleep(0.05)
"""


def test_every_section_is_tried() -> None:
    """A section without a test here would be a promise."""
    assert set(SECTIONS) == {
        "A route of your own",
        "Another answer of /ping",
        "A header",
        "A step before and after training",
        "A hook in each worker",
        "A platform of your own",
    }


def test_route(trained: FreshProject) -> None:
    """A route answers beside the others, with what the model says of itself."""
    trained.extend("A route of your own")
    run = wait_until_ready(serve(trained))

    reply = exchange(run, "/columns")

    names = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    assert (reply.status, json.loads(reply.body)) == (200, names)
    assert exchange(run, "/ping").status == 200


def test_ping(trained: FreshProject) -> None:
    """Probes get JSON: 503 with the reason until all workers are ready, then 200."""
    trained.extend("Another answer of /ping")
    assets = trained.src / "container" / "assets.py"
    code = assets.read_text("utf-8").replace("        super().startup_worker()\n", ONE_BY_ONE)
    assets.write_text(code, "utf-8")
    run = serve(trained, MLDOCK_SERVER_WORKERS="2")

    before = exchange(run, "/ping")
    (trained.base_dir / "go").touch()
    wait_until_ready(run)
    after = exchange(run, "/ping")

    reason = "1 of 2 workers are ready. Try again in a moment."
    assert before.status == 503
    assert json.loads(before.body) == {"ready": False, "reason": reason}
    assert json.loads(after.body) == {"ready": True, "reason": ""}


@pytest.mark.docker
def test_header(tmp_path: Path) -> None:
    """The image's nginx adds the header to each response, to errors too."""
    project = FreshProject(tmp_path / name_of("header"))
    assert project.train().wait() == 0
    project.extend("A header")

    with built(Project(project.path), "generic") as image:
        ports = {"8080/tcp": ("127.0.0.1", 0)}
        container = image.start("serve", project.base_dir, ports=ports)
        try:
            container.reload()
            port = container.ports["8080/tcp"][0]["HostPort"]
            wait_for_url(f"http://127.0.0.1:{port}", lambda: container.logs().decode())
            replies = [fetch(int(port), path) for path in ("/ping", "/", "/nowhere")]
        finally:
            container.remove(force=True)

    assert replies == [
        (200, "max-age=31536000"),
        (200, "max-age=31536000"),
        (404, "max-age=31536000"),
    ]


def fetch(port: int, path: str) -> tuple[int, str | None]:
    """Return the status of a response, and the header that was added."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.getheader("Strict-Transport-Security")


@pytest.mark.parametrize("outcome", ["completed", "failed"])
def test_steps_around_training(project: FreshProject, outcome: str) -> None:
    """What the step before has seen is in what the step after writes, which is uploaded."""
    project.extend("A step before and after training")
    kept = project.path / "kept"
    variables = {"MLDOCK_OUTPUT_CHANNEL_DATA": str(kept)}
    if outcome == "failed":
        data = project.base_dir / "input" / "data" / "training" / "flowers.csv"
        data.write_text("no,columns\n", "utf-8")

    run = project.train(**variables)

    assert run.wait() == int(outcome == "failed"), run.log
    card = json.loads((kept / "card.json").read_text("utf-8"))
    assert card == {"outcome": outcome, "files": ["flowers.csv"]}


def test_hook_in_each_worker(trained: FreshProject) -> None:
    """Each worker opens a connection of its own, which a route uses, and closes it."""
    trained.extend("A hook in each worker")
    database = trained.base_dir / "model" / "customers.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("create table customers (name text)")
        connection.execute("insert into customers values ('Ada'), ('Grace')")
    run = wait_until_ready(serve(trained, MLDOCK_SERVER_WORKERS="2"))

    assert json.loads(exchange(run, "/customers").body) == {"count": 2}
    (gunicorn,) = run.gunicorn
    workers = Path(f"/proc/{gunicorn}/task/{gunicorn}/children").read_text().split()
    files = [
        {str(file.readlink()) for file in Path(f"/proc/{pid}/fd").iterdir()} for pid in workers
    ]
    assert [str(database) in opened for opened in files] == [True, True]
    run.terminate()
    assert run.wait() == 0, run.log
    assert "Traceback" not in run.log


@pytest.fixture
def web(project: FreshProject) -> Iterator[str]:
    """Return the address of a web server that has the data of the project."""
    folder = project.path / "data" / "training"
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_platform(project: FreshProject, web: str) -> None:
    """A channel with the platform's URI is fetched once by jobs, and by `nox -s data` too."""
    project.extend("A platform of your own")
    (project.base_dir / "input" / "data" / "training" / "flowers.csv").unlink()
    channel = {"MLDOCK_INPUT_CHANNEL_TRAINING": f"{web}/flowers.csv"}

    first, second = project.train(**channel), project.train(**channel)
    project.mldock("data", "add", "flowers", f"{web}/flowers.csv")
    project.mldock("data", "pull", "flowers")

    assert (first.wait(), second.wait()) == (0, 0), first.log
    assert "1 files fetched" in first.log
    assert "0 files fetched, 0 bytes; 1 were there" in second.log
    folders = [project.path / "data" / name for name in ("flowers", "training")]
    fetched, served = ((folder / "flowers.csv").read_bytes() for folder in folders)
    assert fetched == served
