"""The server: SageMaker's hosting contract, and clear answers to wrong requests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.client import Client
from tests.contract.conftest import ROOT, executor

JSON = "application/json"
PAYLOAD = ROOT / "payload.json"


def test_ping(server: Client) -> None:
    """A server that can predict says so."""
    assert server.ask("/ping").status == 200


def test_json_and_csv_agree(server: Client) -> None:
    """The same rows get the same answers in both formats."""
    answer = server.invoke(PAYLOAD.read_bytes(), JSON)
    assert (answer.status, answer.content_type) == (200, JSON)

    rows = PAYLOAD.with_suffix(".csv").read_bytes()
    assert server.invoke(rows, "text/csv", Accept=JSON).json == answer.json


def test_csv_answer_has_a_line_for_each_row(server: Client) -> None:
    """Batch transform joins the lines of input and output."""
    rows = PAYLOAD.with_suffix(".csv").read_bytes()
    answer = server.invoke(rows, "text/csv", Accept="text/csv")

    assert (answer.status, answer.content_type) == (200, "text/csv")
    # The payload has a header, the answer has none.
    assert answer.body.count(b"\n") == rows.count(b"\n") - 1


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", JSON, 400),
        (b'[{"unknown": 1}]', JSON, 422),
        (b"[]", JSON, 400),
        (b"", "text/csv", 400),
        (b"not,a,row\nnor,this\n", "text/csv", 422),
        (b"x=1", "application/x-www-form-urlencoded", 415),
    ],
)
def test_wrong_request_is_explained(
    server: Client, body: bytes, content_type: str, status: int
) -> None:
    """What a client did wrong is never a failure of the server."""
    answer = server.invoke(body, content_type)

    assert answer.status == status
    assert answer.json["error"]


def test_description(server: Client) -> None:
    """The OpenAPI document tells programs what there is, and the page lets a person try it."""
    paths = server.ask("/openapi.json").json["paths"]

    assert {"/ping", "/invocations"} <= set(paths)
    assert server.ask("/").content_type.startswith("text/html")


def test_wrong_method(server: Client) -> None:
    """/invocations takes POST only."""
    assert server.ask("/invocations").status == 405


def test_no_model(tmp_path: Path) -> None:
    """A server without a model ends, and says why."""
    with executor("serve", tmp_path, MLDOCK_SERVER_BIND="127.0.0.1:0") as process:
        log = process.communicate(timeout=60)[1]

    assert process.returncode == 1
    assert f"the model in {tmp_path / 'model'} cannot be served" in log
