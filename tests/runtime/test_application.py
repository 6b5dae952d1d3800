"""What the server says over HTTP, without nginx: SageMaker's contract, and the odd requests."""

from __future__ import annotations

import gzip
import re

import pytest

from tests.runtime.serving import exchange, is_alive
from tests.runtime.workspace import Run

JSON = {"Content-Type": "application/json"}
CSV = {"Content-Type": "text/csv"}
MIB = 2**20


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_ping(server: Run, method: str) -> None:
    """The health check is 200 with an empty body."""
    reply = exchange(server, "/ping", method=method)

    assert (reply.status, reply.body) == (200, b"")


@pytest.mark.parametrize(
    ("body", "headers", "answer"),
    [
        (b'{"value": 2}', JSON, b'{"value":0.5}'),
        (b'{"instances": [[2]]}', JSON, b'{"predictions":[{"value":0.5}]}'),
        (b"2\n4\n", CSV, b"0.5\n0.25\n"),
        (b"value\n2\n", {"Content-Type": "text/csv; charset=utf-8"}, b"0.5\n"),
        (b"2\n4\n", {**CSV, "Accept": "*/*"}, b"0.5\n0.25\n"),
        (b"2\n", {**CSV, "Accept": "application/json"}, b'[{"value":0.5}]'),
        (
            b"[2]\n[4]\n",
            {"Content-Type": "application/jsonlines"},
            b'{"value":0.5}\n{"value":0.25}\n',
        ),
        (gzip.compress(b"2\n", mtime=0), {**CSV, "Content-Encoding": "gzip"}, b"0.5\n"),
    ],
)
def test_rows_are_answered(
    server: Run, body: bytes, headers: dict[str, str], answer: bytes
) -> None:
    """Rows in, answers out, in order, in the format that the client wants."""
    reply = exchange(server, "/invocations", body, headers)

    assert (reply.status, reply.body) == (200, answer)


@pytest.mark.parametrize(
    ("body", "headers", "status", "words"),
    [
        (b"{", JSON, 400, "is not JSON"),
        (b"", CSV, 400, "is empty"),
        (b"[]", JSON, 400, "holds no rows"),
        (b'{"value": "x"}', JSON, 422, "row 1, value"),
        (b"1,2\n", CSV, 422, "2 values where 1 are expected"),
        (b"1", {"Content-Type": "text/plain"}, 415, "Content-Type text/plain is not supported"),
        (b"1", {}, 415, "Content-Type (none) is not supported"),
        (b"1\n", {**CSV, "Accept": "image/png"}, 406, "Accept: image/png is not supported"),
        (b"1\n", {**CSV, "Content-Encoding": "br"}, 415, "Content-Encoding br is not supported"),
        (
            gzip.compress(bytes(2 * MIB), mtime=0),
            {**CSV, "Content-Encoding": "gzip"},
            413,
            "larger than",
        ),
    ],
)
def test_refusals(
    server: Run, body: bytes, headers: dict[str, str], status: int, words: str
) -> None:
    """Each has its status, and JSON that says what is wrong."""
    reply = exchange(server, "/invocations", body, headers)

    assert reply.status == status
    assert words in reply.error
    assert is_alive(server)


@pytest.mark.parametrize(
    ("method", "path", "status", "allowed"),
    [
        ("GET", "/invocations", 405, "POST"),
        ("PUT", "/invocations", 405, "POST"),
        ("POST", "/ping", 405, "GET, HEAD"),
        ("POST", "/execution-parameters", 405, "GET, HEAD, OPTIONS"),
        ("GET", "/nowhere", 404, ""),
        ("GET", "/invocations/", 404, ""),
        ("GET", "/", 404, ""),
        ("GET", "/openapi.json", 404, ""),
        ("GET", "/page/page.js", 404, ""),
        ("GET", "/%00%ff/../..//etc/passwd", 404, ""),
    ],
)
def test_other_requests(server: Run, method: str, path: str, status: int, allowed: str) -> None:
    """What is no part of the contract is refused, in JSON too; in prod there is no page."""
    reply = exchange(server, path, b"" if method == "POST" else None, {}, method)

    assert (reply.status, bool(reply.error)) == (status, True)
    assert sorted(reply.headers.get("Allow", "").split(", ")) == sorted(allowed.split(", "))


ECHOED = ["X-Request-Id", "X-Amzn-SageMaker-Custom-Attributes", "X-Amzn-SageMaker-Inference-Id"]


@pytest.mark.parametrize("body", [b'{"value": 2}', b"{"], ids=["answer", "refusal"])
def test_headers_are_carried_through(server: Run, body: bytes) -> None:
    """Whoever asks finds its request again, also where it is refused."""
    sent = {name: f"trace={number}; a,b" for number, name in enumerate(ECHOED)}

    reply = exchange(server, "/invocations", body, {**JSON, **sent})

    assert {name: reply.headers[name] for name in ECHOED} == sent


def test_request_id_is_made(server: Run) -> None:
    """A request without one gets one, by which the log tells it from others."""
    replies = [exchange(server, "/invocations", b'{"value": 2}', JSON) for _ in range(2)]
    ids = [reply.headers["X-Request-Id"] for reply in replies]

    assert len(set(ids)) == 2
    assert all(re.fullmatch(r"[\w-]{8,}", one) for one in ids)
    for one in ids:
        server.wait_for(one)


def test_failing_model(server: Run) -> None:
    """The client learns that it failed, the log why, and the next request is answered."""
    for body, words in ((b'{"value": 0}', "ZeroDivisionError"), (b"[[2], [-2]]", "ValueError")):
        reply = exchange(server, "/invocations", body, JSON)
        assert reply.status == 500
        assert f"The model failed: {words}" in reply.error
    server.wait_for("division by zero")
    server.wait_for("1 answers (value) to 2 rows")
    assert exchange(server, "/invocations", b'{"value": 2}', JSON).status == 200
