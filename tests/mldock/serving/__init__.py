"""A server with a model that multiplies, and a client of it."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from email.message import Message
from http.client import HTTPConnection
from typing import Any, NamedTuple

from tests.container.messages import post
from tests.mldock.workspace import TIMEOUT, Run, Workspace

PREDICTION = '''\
"""A model that multiplies, when a file lets it; its example needs no file."""

import os
import time
from pathlib import Path

from pydantic import BaseModel, Field

from mldock.serving import ModelService

BASE_DIR = Path(os.environ["MLDOCK_BASE_DIR"])


class Number(BaseModel):
    value: float = Field(examples=[0])


class Service(ModelService):
    input_type = output_type = Number

    def load(self, model_dir):
        self.factor = float((model_dir / "net" / "factor").read_text())

    def predict(self, rows):
        # Slow enough not to be asked in the event loop.
        time.sleep(0.005)
        if any(row.value for row in rows):
            (BASE_DIR / "predicting").touch()
            deadline = time.monotonic() + 150
            # As most models do, it keeps the interpreter.
            while not (BASE_DIR / "answer").exists() and time.monotonic() < deadline:
                pass
        return [Number(value=self.factor * row.value) for row in rows]
'''


# It fails for 0, and skips what is negative.
INVERSE = """\
from pydantic import BaseModel, Field

from mldock.serving import ModelService


class Number(BaseModel):
    value: float = Field(examples=[2])


class Service(ModelService[Number, Number]):
    input_type = output_type = Number
    batch_invariant = True

    def load(self, model_dir):
        pass

    def predict(self, rows):
        return [Number(value=1 / row.value) for row in rows if row.value >= 0]
"""


# It does in `load` and `predict` what a test puts in the place of the words.
NUMBER = """\
import os
import queue
import threading
import time

from pydantic import BaseModel

from mldock.serving import ModelService


class Number(BaseModel):
    value: float


class Service(ModelService[Number, Number]):
    input_type = output_type = Number
    batch_invariant = BATCH

    def load(self, model_dir):
        print("loaded by", os.getpid(), flush=True)
        LOAD

    def predict(self, rows):
        PREDICT
        return rows
"""

# As many parts of 64 KiB as are asked for.
STREAM = """\
import time

from pydantic import BaseModel

from mldock.serving import StreamService


class Order(BaseModel):
    parts: int


class Part(BaseModel):
    text: str


class Service(StreamService[Order, Part]):
    input_type, output_type = Order, Part

    def load(self, model_dir):
        pass

    def predict(self, row):
        for number in range(row.parts):
            yield Part(text="x" * 65536)
        time.sleep(0.2)
"""


def number_model(load: str = "pass", predict: str = "pass", batch: bool = True) -> str:
    """Return a prediction.py whose model gives numbers back."""
    parts = {"LOAD": load, "PREDICT": predict, "BATCH": str(batch)}
    text = NUMBER
    for word, code in parts.items():
        text = text.replace(word, code)
    return text


def open_slow_client(address: tuple[str, int], parts: int) -> socket.socket:
    """Ask for a stream, and read no more than the beginning of the answer."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(address)
    client.sendall(post(json.dumps({"parts": parts}).encode()))
    assert client.recv(100).startswith(b"HTTP/1.1 200")
    return client


def with_model(workspace: Workspace) -> Workspace:
    """Give a project a trained model."""
    workspace.write("src/prediction.py", PREDICTION)
    model = workspace.base_dir / "model" / "net"
    model.mkdir(parents=True)
    (model / "factor").write_text("2")
    return workspace


def serve(workspace: Workspace, **variables: str) -> Run:
    """Start a server with one worker on a free port."""
    return workspace.start(
        "serve", **{"MLDOCK_SERVER_BIND": "127.0.0.1:0", "MLDOCK_SERVER_WORKERS": "1"} | variables
    )


class Reply(NamedTuple):
    """An answer."""

    status: int
    headers: Message
    body: bytes

    @property
    def error(self) -> str:
        """What is said to be wrong, and nothing else."""
        assert self.headers["Content-Type"] == "application/json"
        ((name, text),) = json.loads(self.body).items()
        assert name == "error"
        return str(text)


def exchange(
    run: Run,
    path: str,
    body: bytes | Iterable[bytes] | None = None,
    headers: Mapping[str, str] | None = None,
    method: str = "",
) -> Reply:
    """Send a request, and return the answer."""
    # What is sent before a worker is there waits for it.
    run.wait_for("Listening at: ")
    connection = HTTPConnection(run.address.removeprefix("http://"), timeout=TIMEOUT)
    with closing(connection):
        connection.request(method or ("GET" if body is None else "POST"), path, body, headers or {})
        response = connection.getresponse()
        return Reply(response.status, response.headers, response.read())


def ask(run: Run, path: str, body: bytes | Iterable[bytes] | None = None) -> tuple[int, Any]:
    """Send a request, and return the status and the JSON of the answer, to CSV too."""
    headers = {"Content-Type": "text/csv", "Accept": "application/json"}
    reply = exchange(run, path, body, headers)
    return reply.status, json.loads(reply.body or b"null")


def is_alive(run: Run) -> bool:
    """Say whether a server of `INVERSE` answers rows, and has never failed."""
    reply = exchange(run, "/invocations", b'{"value": 4}', {"Content-Type": "application/json"})
    return reply.body == b'{"value":0.25}' and "Traceback" not in run.log


def wait_until_ready(run: Run) -> Run:
    """Wait until every worker can predict."""
    deadline = time.monotonic() + TIMEOUT
    while (reply := exchange(run, "/ping")).status != 200:
        assert time.monotonic() < deadline, (reply, run.log)
        time.sleep(0.05)
    return run
