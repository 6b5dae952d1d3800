"""What every platform expects of the container, whatever its model."""

from __future__ import annotations

from pathlib import Path

import pytest
from mldock.testing import PROJECT, Client, Container, make_base_dir, run

JSON, CSV = "application/json", "text/csv"


def test_training_saves_a_model(trained: Path) -> None:
    """A job that succeeds leaves a model and no failure."""
    assert any((trained / "model").iterdir())
    assert not (trained / "output" / "failure").exists()


def test_training_fails(tmp_path: Path) -> None:
    """Without its data the job fails, and the failure file names the channel."""
    exit_code, job = run("train", tmp_path)

    assert exit_code == 1
    assert job.failure.startswith("There is no channel")


def test_training_is_stopped(tmp_path: Path) -> None:
    """SIGTERM ends a job in order: with exit code 0."""
    with Container("train", make_base_dir(tmp_path)) as job:
        job.wait_for("hyperparameters:")
        job.terminate()
        assert job.wait() == 0, job.log


def test_no_model(tmp_path: Path) -> None:
    """A server without a model ends, and its log says where the model should be."""
    exit_code, server = run("serve", tmp_path, MLDOCK_SERVER_BIND="127.0.0.1:0")

    assert exit_code == 1
    assert f"there is no model in {tmp_path / 'model'}" in server.log


def test_routes(server: Client) -> None:
    """The server is ready, describes itself to programs, and has a page to try it on."""
    assert server.request("/ping").status == 200
    assert {"/ping", "/invocations"} <= set(server.request("/openapi.json").json["paths"])
    assert server.request("/").content_type.startswith("text/html")
    assert server.request("/invocations").status == 405


def test_predictions(server: Client) -> None:
    """JSON and CSV get the same predictions; in CSV each row gets a line, for batch transforms."""
    rows = (PROJECT / "payload.csv").read_bytes()
    from_json = server.invoke((PROJECT / "payload.json").read_bytes(), JSON)
    from_csv = server.invoke(rows, CSV, Accept=JSON)
    lines = server.invoke(rows, CSV, Accept=CSV)

    assert (from_json.status, from_json.content_type) == (200, JSON)
    assert from_csv.json == from_json.json
    # The payload has a header, the predictions have none.
    assert lines.body.count(b"\n") == rows.count(b"\n") - 1


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", JSON, 400),
        (b'[{"unknown": 1}]', JSON, 422),
        (b"not,a,row\nnor,this\n", CSV, 422),
        (b"x=1", "application/x-www-form-urlencoded", 415),
    ],
)
def test_wrong_request(server: Client, body: bytes, content_type: str, status: int) -> None:
    """A mistake of the client gets a status below 500, and the reason."""
    response = server.invoke(body, content_type)

    assert response.status == status
    assert response.json["error"]
