"""A network in a server whose workers would be forked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mldock.serving import exchange, serve
from tests.mldock.workspace import Workspace

# Products of large matrices start threads of OpenMP's, at which a forked process would wait.
PREDICTION = """
import torch
from mldock.serving import ModelService
from pydantic import BaseModel

class Row(BaseModel):
    number: float

class Service(ModelService):
    input_type = output_type = Row

    def load(self, model_dir):
        assert torch.get_num_threads() == 2
        self.weights = torch.eye(1000)
        assert (self.weights @ self.weights).sum() == 1000

    def predict(self, rows):
        numbers = torch.tensor([[row.number] * 1000 for row in rows])
        products = (numbers @ self.weights @ self.weights).mean(axis=1)
        return [Row(number=number) for number in products.tolist()]
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Return a project without a model."""
    workspace = Workspace(tmp_path / "project")
    yield workspace
    workspace.end()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_threads(workspace: Workspace, workers: str) -> None:
    """A network that has computed with several threads when it was loaded answers."""
    workspace.write("src/prediction.py", PREDICTION)
    run = serve(workspace, OMP_NUM_THREADS="2", MLDOCK_SERVER_WORKERS=workers)
    rows = [{"number": number} for number in range(300)]

    reply = exchange(
        run, "/invocations", json.dumps(rows).encode(), {"Content-Type": "application/json"}
    )

    assert reply.status == 200, (reply, run.log)
    assert json.loads(reply.body) == rows
