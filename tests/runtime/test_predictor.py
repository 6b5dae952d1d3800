"""The Flask application: its statuses, and what it says of failures."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pydantic import BaseModel
from werkzeug.test import TestResponse

from container.prediction.predictor import create_app
from container.prediction.service import ModelService

JSON = "application/json"
CSV = "text/csv"
MAX_BODY = 1000


class Number(BaseModel):
    """A number."""

    value: float


class Inverse(ModelService[Number, Number]):
    """Answers each number with its inverse, so it fails for 0; it skips what is negative."""

    input_type = Number
    output_type = Number

    def __init__(self) -> None:
        self.threads: set[int] = set()

    def load(self, model_dir: Path) -> None:
        """There is nothing to load."""

    def predict(self, rows: Sequence[Number]) -> list[Number]:
        """Divide."""
        self.threads.add(threading.get_ident())
        return [Number(value=1 / row.value) for row in rows if row.value >= 0]


@pytest.fixture
def service() -> Inverse:
    """Return a model."""
    return Inverse()


@pytest.fixture
def client(service: Inverse) -> Iterator[FlaskClient]:
    """Return a client of the application."""
    with create_app(service, MAX_BODY).test_client() as client:
        yield client


def invoke(client: FlaskClient, body: bytes, content_type: str, accept: str = "") -> TestResponse:
    """Send rows."""
    headers = {"Accept": accept} if accept else {}
    return client.post("/invocations", data=body, content_type=content_type, headers=headers)


def test_ping(client: FlaskClient) -> None:
    """The health check is 200 with an empty body."""
    answer = client.get("/ping")

    assert (answer.status_code, answer.data) == (200, b"")


@pytest.mark.parametrize(
    ("body", "content_type", "value"),
    [
        (b'{"value": 2}', JSON, {"value": 0.5}),
        (b'[{"value": 2}, [4]]', JSON, [{"value": 0.5}, {"value": 0.25}]),
        (b'{"instances": [[2]]}', JSON, {"predictions": [{"value": 0.5}]}),
        (b'{"instances": {"value": 2}}', JSON, {"predictions": [{"value": 0.5}]}),
        (b"2\n4\n", CSV, [{"value": 0.5}, {"value": 0.25}]),
        (b"value\n2\n", "text/csv; charset=utf-8", [{"value": 0.5}]),
    ],
)
def test_rows_are_answered(
    client: FlaskClient, body: bytes, content_type: str, value: object
) -> None:
    """Rows in, answers out, in order; JSON unless the client asks for CSV."""
    answer = invoke(client, body, content_type)

    assert (answer.status_code, answer.content_type) == (200, JSON)
    assert answer.json == value


def test_csv_answer(client: FlaskClient) -> None:
    """Accept chooses the format of the answer."""
    answer = invoke(client, b'[{"value": 2}, {"value": 4}]', JSON, accept=CSV)

    assert (answer.status_code, answer.content_type) == (200, CSV)
    assert answer.data == b"0.5\n0.25\n"


@pytest.mark.parametrize(
    ("body", "content_type", "accept", "status", "words"),
    [
        (b"{", JSON, "", 400, "is not JSON"),
        (b'{"value": "x"}', JSON, "", 400, "row 1, value"),
        (b"1,2\n", CSV, "", 400, "2 values where 1 are expected"),
        (b"", CSV, "", 400, "holds no rows"),
        (b"1", "text/plain", "", 415, "Content-Type text/plain is not supported"),
        (b"value=1", "application/x-www-form-urlencoded", "", 415, "is not supported"),
        (b"1\n", CSV, "image/png", 406, "Accept: image/png is not supported"),
        (b"1\n" * MAX_BODY, CSV, "", 413, "exceeds the capacity limit"),
        (b"0\n", CSV, "", 500, "The model failed: ZeroDivisionError"),
        (b"2\n-4\n", CSV, "", 500, "The model gave 1 answers to 2 rows"),
        (b'{"value": -2}', JSON, "", 500, "The model gave 0 answers to 1 rows"),
    ],
    ids=lambda value: value[:20] if isinstance(value, bytes) else None,
)
def test_failures_are_explained(
    client: FlaskClient, body: bytes, content_type: str, accept: str, status: int, words: str
) -> None:
    """Each failure has its status, and JSON that says what is wrong, never a traceback."""
    answer = invoke(client, body, content_type, accept)

    assert (answer.status_code, answer.content_type) == (status, JSON)
    assert answer.json is not None
    assert list(answer.json) == ["error"]
    assert words in answer.json["error"]
    assert b"Traceback" not in answer.data


def test_body_at_the_limit(client: FlaskClient) -> None:
    """The limit is the largest body that is taken."""
    assert invoke(client, b"1\n" * (MAX_BODY // 2), CSV).status_code == 200


@pytest.mark.parametrize(("rows", "status"), [(MAX_BODY // 2, 200), (MAX_BODY, 413)])
def test_body_without_a_length(client: FlaskClient, rows: int, status: int) -> None:
    """The limit holds for a chunked body too, which gunicorn ends by itself."""
    answer = client.post(
        "/invocations",
        input_stream=BytesIO(b"1\n" * rows),
        content_type=CSV,
        environ_overrides={"wsgi.input_terminated": True},
    )

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/invocations", 405), ("POST", "/ping", 405), ("GET", "/", 404), ("GET", "/x", 404)],
)
def test_other_requests(client: FlaskClient, method: str, path: str, status: int) -> None:
    """What is no part of the contract is refused, in JSON too."""
    answer = client.open(path, method=method)

    assert (answer.status_code, answer.content_type) == (status, JSON)
    assert answer.json is not None
    assert answer.json["error"]


def test_wrong_method_tells_the_right_one(client: FlaskClient) -> None:
    """HTTP asks for the header Allow with status 405."""
    assert "POST" in client.get("/invocations").headers["Allow"]


def test_failure_is_in_the_log(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever runs the server sees where the model failed; the client does not."""
    invoke(client, b"0\n", CSV)

    assert "the model failed" in caplog.text
    assert "in predict" in caplog.text


def test_skipped_row_is_in_the_log(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    """Answers that belong to no row are a failure of the model's, so the log has it too."""
    invoke(client, b"2\n-4\n", CSV)

    assert "1 answers to 2 rows" in caplog.text


def test_server_goes_on_after_a_failure(client: FlaskClient) -> None:
    """The next request is answered."""
    assert invoke(client, b"0\n", CSV).status_code == 500
    assert invoke(client, b"2\n", CSV).status_code == 200


def test_one_thread_predicts(client: FlaskClient, service: Inverse) -> None:
    """The model runs beside the event loop, always in the same thread."""
    for _ in range(3):
        invoke(client, b"2\n", CSV)

    assert len(service.threads) == 1
    assert threading.get_ident() not in service.threads
