"""What the server says over HTTP, without nginx: SageMaker's contract, and the odd requests."""

from __future__ import annotations

import gzip
import re
import socket
from contextlib import closing, suppress
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path

import pytest
from mldock import Environment
from mldock.serving.application import Application, Readiness
from mldock.serving.settings import read_settings

from container.assets import ServingContainer
from container.prediction.predictor import ROUTES, create_app
from tests.client import free_port
from tests.container.messages import Request, post, send
from tests.mldock.rows import Point, Rows
from tests.mldock.serving import INVERSE, exchange, is_alive, serve, wait_until_ready
from tests.mldock.workspace import TIMEOUT, Run, Workspace

JSON = {"Content-Type": "application/json"}
CSV = {"Content-Type": "text/csv"}
MIB = 2**20


def address(run: Run) -> tuple[str, int]:
    """Return where a server listens."""
    host, port = run.address.removeprefix("http://").split(":")
    return host, int(port)


@pytest.mark.parametrize(
    ("body", "headers", "answer"),
    [
        (b'{"instances": [[2]]}', JSON, b'{"predictions":[{"value":0.5}]}'),
        (b"value\n2\n4\n", {"Content-Type": "text/csv; charset=utf-8"}, b"0.5\n0.25\n"),
        (b"2\n", {**CSV, "Accept": "application/json"}, b'[{"value":0.5}]'),
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
        (b'{"value": "x"}', JSON, 422, "row 1, value"),
        (b"1", {}, 415, "Content-Type (none) is not supported"),
        (b"1\n", {**CSV, "Content-Type": "text/csv; charset=\xff"}, 415, "not supported"),
        (b"1\n", {**CSV, "Accept": "\xff\xfe;q=\xff"}, 406, "is not supported"),
        (b"1\n", {**CSV, "Content-Encoding": "\xff"}, 415, "is not supported"),
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
        ("POST", "/ping", 405, "GET, HEAD"),
        ("POST", "/execution-parameters", 405, "GET, HEAD, OPTIONS"),
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


@pytest.mark.parametrize("path", ["/ping/", "//ping", "/v1/ping"])
def test_path_that_is_not_there(server: Run, path: str) -> None:
    """The answer has the paths that there are."""
    reply = exchange(server, path)

    assert (reply.status, reply.error) == (
        404,
        f"There is no {path} here. The paths are /execution-parameters, /invocations, /ping.",
    )


@pytest.mark.parametrize("prefix", ["/models/iris", "/models/iris/"])
def test_prefix_of_a_gateway(workspace: Workspace, prefix: str) -> None:
    """A path is answered with it and, as probes come past the gateway, without."""
    workspace.write("src/prediction.py", INVERSE)
    run = wait_until_ready(serve(workspace, MLDOCK_SERVER_PREFIX=prefix))

    for before in ("/models/iris", ""):
        reply = exchange(run, f"{before}/invocations", b"2\n", CSV)
        assert (reply.status, reply.body) == (200, b"0.5\n")
        assert exchange(run, f"{before}/openapi.json").status == 200
        assert exchange(run, f"{before}/").status == 200
        assert exchange(run, f"{before}/ping").status == 200
    assert exchange(run, "/models/irises/ping").status == 404


def test_wrong_prefix(workspace: Workspace) -> None:
    """It is told before anything starts."""
    run = serve(workspace, MLDOCK_SERVER_PREFIX="iris")
    assert run.wait() == 1
    assert "MLDOCK_SERVER_PREFIX=iris is not the beginning of a path" in run.log


@pytest.mark.parametrize(
    ("bind", "hosts"), [("", ["127.0.0.1", "::1"]), ("localhost", ["127.0.0.1", "::1"])]
)
def test_both_families(workspace: Workspace, bind: str, hosts: list[str]) -> None:
    """Whoever resolves the name to the other address is answered, too."""
    workspace.write("src/prediction.py", INVERSE)
    port = free_port()
    run = serve(workspace, MLDOCK_SERVER_BIND=f"{bind}:{port}", MLDOCK_SERVER_METRICS_PORT="0")
    run.wait_for("Started server process")

    for host in hosts:
        with closing(HTTPConnection(host, port, timeout=TIMEOUT)) as connection:
            connection.request("GET", "/ping")
            assert connection.getresponse().status == 200


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


@pytest.mark.parametrize("value", [b"\xff\xfe", b"\xc3\xa9", b"x" * 5000, b"a\tb", b"\x7f"])
def test_odd_headers(server: Run, value: bytes) -> None:
    """Bytes that may not stand in an answer are not sent back, and fail nothing."""
    head = b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    lines = b"".join(name.encode() + b": " + value + b"\r\n" for name in ECHOED)
    raw = head + lines + b'Content-Length: 12\r\n\r\n{"value": 2}'

    answer = send(address(server), Request(raw, bool))

    assert answer.status in (200, 400)
    assert value.decode("latin-1") not in [answer.headers.get(name.lower()) for name in ECHOED]
    assert is_alive(server)


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(("size", "status"), [(MIB, 200), (MIB + 1, 413)])
def test_body_at_the_limit(server: Run, chunked: bool, size: int, status: int) -> None:
    """The limit is the largest body that is taken, whether its length is told or not."""
    body = b"2\n".ljust(size, b"\n")
    parts = (body[start : start + 100_000] for start in range(0, size, 100_000))

    reply = exchange(server, "/invocations", parts if chunked else body, CSV)

    assert reply.status == status
    assert status == 200 or "SAGEMAKER_MAX_PAYLOAD_IN_MB" in reply.error


def test_large_body_is_not_awaited(server: Run) -> None:
    """A length that is too large is refused before the body is sent."""
    answer = send(address(server), Request(post(bytes(MIB + 1))[: -MIB - 1], bool))

    assert (answer.status, answer.is_error) == (413, True)
    # What the client sends next would be taken for the body.
    assert answer.headers.get("connection") == "close"


def test_body_that_ends_early(server: Run) -> None:
    """Half of the rows are not taken for all of them."""
    with closing(socket.create_connection(address(server), TIMEOUT)) as client:
        client.sendall(post(b"[[1],[2]]\n[[3]]", "Content-Length: 15")[:-5])
        client.shutdown(socket.SHUT_WR)
        with suppress(OSError):
            assert b" 200 " not in client.recv(1000)
    assert is_alive(server)


def test_failing_model(server: Run) -> None:
    """The client learns that it failed, the log why, and the next request is answered."""
    for body, words in ((b'{"value": 0}', "ZeroDivisionError"), (b"[[2], [-2]]", "ValueError")):
        reply = exchange(server, "/invocations", body, JSON)
        assert reply.status == 500
        assert f"The model failed: {words}" in reply.error
        # It may tell of the weights.
        assert "division" not in reply.error
    server.wait_for("division by zero")
    server.wait_for("1 answers (value) to 2 rows")
    assert exchange(server, "/invocations", b'{"value": 2}', JSON).status == 200


@pytest.mark.parametrize(
    ("workers", "max_body_mb", "answer"),
    [
        (4, 100, {"MaxConcurrentTransforms": 4, "MaxPayloadInMB": 6}),
        (64, 100, {"MaxConcurrentTransforms": 16, "MaxPayloadInMB": 6}),
        (64, 2, {"MaxConcurrentTransforms": 50, "MaxPayloadInMB": 2}),
    ],
)
def test_execution_parameters(workers: int, max_body_mb: int, answer: dict[str, int]) -> None:
    """A request for each worker, and no more at once than SageMaker allows."""
    settings = replace(read_settings({}), workers=workers, max_body_mb=max_body_mb)

    readiness, lifecycle = Readiness(Path(), 1), ServingContainer(Environment(variables={}))
    application = Application(Rows(Point), settings, readiness, lifecycle, ROUTES, create_app)

    response = create_app(application).test_client().get("/execution-parameters")

    assert (response.status_code, response.content_type) == (200, "application/json")
    assert response.json == answer
