"""A model that yields in parts, and is too slow before the first of them."""

from __future__ import annotations

from tests.runtime.serving import exchange, serve, wait_until_ready
from tests.runtime.workspace import Workspace

MODEL = """\
import time

from pydantic import BaseModel

from container.prediction.service import StreamService


class Word(BaseModel):
    word: str


class Service(StreamService[Word, Word]):
    input_type = output_type = Word

    def load(self, model_dir):
        pass

    def predict(self, row):
        time.sleep(60 if row.word == "slow" else 0)
        yield row
"""


def test_first_part_that_does_not_come(workspace: Workspace) -> None:
    """The client is told, as of any prediction that takes too long, and others are answered."""
    workspace.write("src/prediction.py", MODEL)
    (workspace.base_dir / "model").mkdir()
    run = wait_until_ready(serve(workspace, MLDOCK_SERVER_TIMEOUT="1"))
    headers = {"Content-Type": "application/json"}

    slow = exchange(run, "/invocations", b'{"word": "slow"}', headers)
    assert (slow.status, "MLDOCK_SERVER_TIMEOUT" in slow.error) == (504, True)

    # Until then the worker has its last answers to send.
    run.wait_for("was sent SIGKILL")
    quick = exchange(run, "/invocations", b'{"word": "quick"}', headers)
    assert quick.body == b'{"word":"quick"}\n'
