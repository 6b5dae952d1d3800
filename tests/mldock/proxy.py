"""A proxy before a server, which does to its answers what a bad network or a bad day does."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

ERROR = (
    '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code>'
    "<Message>It is told by the proxy</Message></Error>"
)
CHUNK = 2**14


@dataclass
class Fault:
    """What is done to a request: answered without the server, cut, changed, slowed."""

    status: int = 0
    # S3's word for the status.
    code: str = "InternalError"
    # The connection ends after so many bytes of the body.
    cut: int | None = None
    # The first byte of the body is another.
    corrupt: bool = False
    # Seconds before each chunk of the body.
    pause: float = 0


class Proxy:
    """Passes requests on, and counts them.

    Attributes:
        faults: Each is done to one request, in order; then requests pass.
        always: Done to each request.
        only: What a request must contain, as `GET /bucket/key`, to be subject to faults.
        requests: The requests that came.

    """

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.lock = threading.Lock()
        self.faults: list[Fault] = []
        self.always = Fault()
        self.only = ""
        self.requests: list[str] = []
        self.port = 0
        self.open()

    @property
    def url(self) -> str:
        """The address of the proxy."""
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> None:
        """Listen, at the same port each time."""
        proxy = self

        class BoundHandler(Handler):
            """Handles the requests to this proxy."""

            target = proxy

        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), BoundHandler)
        self.server.daemon_threads, self.server.block_on_close = True, False
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        """Refuse connections."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def take(self, request: str) -> Fault:
        """Return what is to be done to a request."""
        with self.lock:
            self.requests.append(request)
            if self.only not in request:
                return Fault()
            return self.faults.pop(0) if self.faults else self.always

    def count(self, part: str) -> int:
        """Return how many requests contained a text."""
        return sum(part in request for request in self.requests)


class Handler(BaseHTTPRequestHandler):
    """Handles the requests on one connection."""

    protocol_version = "HTTP/1.1"
    target: Proxy

    def handle_one_request(self) -> None:
        """Handle a request; who asked may have gone."""
        try:
            super().handle_one_request()
        except OSError:
            self.close_connection = True

    def answer(self) -> None:
        """Ask the server and pass its answer on, or do what is to be done."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.target.take(f"{self.command} {self.path}")
        if fault.status:
            content = ERROR.format(code=fault.code).encode()
            self.reply(fault.status, {"Content-Type": "application/xml"}, content, fault)
            return
        upstream = HTTPConnection(urlsplit(self.target.upstream).netloc, timeout=150)
        try:
            upstream.request(self.command, self.path, body, dict(self.headers))
            response = upstream.getresponse()
            content = response.read()
        finally:
            upstream.close()
        headers = {name.title(): value for name, value in response.headers.items()}
        if fault.corrupt:
            content = bytes(byte ^ 1 for byte in content[:1]) + content[1:]
            headers = {
                name: value for name, value in headers.items() if "X-Amz-Checksum" not in name
            }
        self.reply(response.status, headers, content, fault)

    def reply(self, status: int, headers: dict[str, str], content: bytes, fault: Fault) -> None:
        """Send an answer."""
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in {"content-length", "connection", "transfer-encoding"}:
                self.send_header(name, value)
        length = headers.get("Content-Length", "0") if self.command == "HEAD" else len(content)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        sent = content if self.command != "HEAD" else b""
        if fault.cut is not None:
            sent, self.close_connection = sent[: fault.cut], True
        for start in range(0, len(sent), CHUNK):
            time.sleep(fault.pause)
            self.wfile.write(sent[start : start + CHUNK])

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = answer  # noqa: N815
