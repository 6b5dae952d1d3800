"""A server with a model that multiplies, and a client of it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterable
from typing import Any

from tests.runtime.workspace import TIMEOUT, Run, Workspace

PREDICTION = '''\
"""A model that multiplies, when a file lets it."""

import os
import time
from pathlib import Path

from pydantic import BaseModel

from container.prediction.service import ModelService

BASE_DIR = Path(os.environ["MLDOCK_BASE_DIR"])


class Number(BaseModel):
    value: float


class Service(ModelService):
    input_type = output_type = Number

    def load(self, model_dir):
        self.factor = float((model_dir / "net" / "factor").read_text())

    def predict(self, rows):
        (BASE_DIR / "predicting").touch()
        deadline = time.monotonic() + 30
        # No sleep: it would be gevent's, and free the event loop as no model does.
        while not (BASE_DIR / "answer").exists() and time.monotonic() < deadline:
            pass
        return [Number(value=self.factor * row.value) for row in rows]
'''


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
        "serve",
        **{"MLDOCK_SERVER_BIND": "127.0.0.1:0", "MLDOCK_SERVER_WORKERS": "1"} | variables,
    )


def ask(run: Run, path: str, body: bytes | Iterable[bytes] | None = None) -> tuple[int, Any]:
    """Send a request, and return the status and the JSON of the answer."""
    # What is sent before a worker is there waits for it.
    run.wait_for("Listening at: ")
    request = urllib.request.Request(run.address + path, body, {"Content-Type": "text/csv"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())
