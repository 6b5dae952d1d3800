"""What stands before moto: it reads each request by AWS' own models, and says what moto cannot.

moto makes all things at once ready. Here they go through the states that AWS documents, one with
each question, and the calls that moto lacks are answered.
"""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.deploy_sagemaker.validation import answer_faults, request_faults, service

SERVICES = ("sagemaker", "logs", "application-autoscaling", "ecr")
PREFIXES = {service(name).metadata["targetPrefix"]: name for name in SERVICES}

Content = dict[str, Any]
Reply = tuple[int, Content]


class Front:
    """A server that asks moto.

    Attributes:
        url: Its address.
        requests: The operations that were asked for, with their content.
        faults: What the models forbid in requests, and in the answers that are made here.
        replies: By operation what to answer instead of moto; None leaves it to moto.
        changes: By operation what becomes of moto's answer.
        invocations: What an endpoint answers to a body: a status and a body.

    """

    def __init__(self, moto: str) -> None:
        self.moto = moto
        self.requests: list[tuple[str, Content]] = []
        self.faults: list[str] = []
        self.replies: dict[str, Callable[[Content], Reply | None]] = {}
        self.changes: dict[str, Callable[[Content, Content], Content]] = {}
        self.invocations: Callable[[bytes], tuple[int, bytes]] = lambda _: (200, b"")
        front = self

        class Handler(BaseHTTPRequestHandler):
            """Passes requests on."""

            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                """Answer a request."""
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                try:
                    status, kind, answer = front.answer(
                        self.command, self.path, dict(self.headers.items()), body
                    )
                # A fault of a test, not to be asked about again and again.
                except Exception as error:
                    front.faults.append(repr(error))
                    status, kind, answer = encode(refusal("InternalFault", repr(error)))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = handle_any  # noqa: N815 (names of the library)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """End it."""
        self.server.shutdown()
        self.server.server_close()

    def asked(self, *operations: str) -> list[str]:
        """Return the names of the operations that were asked for, or of some of them."""
        return [name for name, _ in self.requests if not operations or name in operations]

    def sent(self, operation: str) -> Content:
        """Return the content of the last request of an operation."""
        return [content for name, content in self.requests if name == operation][-1]

    def answer(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, str, bytes]:
        """Answer a request."""
        prefix, _, operation = headers.get("X-Amz-Target", "").partition(".")
        if path.startswith("/endpoints/"):
            status, answer = self.invocations(body)
            return status, "application/json", answer
        if prefix not in PREFIXES:
            return self.forward(method, path, headers, body)
        name, content = PREFIXES[prefix], json.loads(body or b"{}")
        self.requests.append((operation, content))
        if found := request_faults(name, operation, content):
            self.faults += found
            return encode(refusal("ValidationException", "; ".join(found)))
        reply = self.replies[operation](content) if operation in self.replies else None
        if reply is None:
            status, kind, answer = self.forward(method, path, headers, body)
            if status != 200 or operation not in self.changes:
                return status, kind, answer
            made = json.loads(answer)
            reply = 200, self.changes[operation](content, made)
            # moto has faults of its own.
            known = answer_faults(name, operation, made)
        else:
            known = []
        if reply[0] == 200:
            found = answer_faults(name, operation, reply[1])
            self.faults += [fault for fault in found if fault not in known]
        return encode(reply)

    def ask_moto(self, operation: str, content: Content) -> Reply:
        """Ask moto's SageMaker, without those in front."""
        # moto only reads whose request it is.
        scope = "AKID/20260101/us-east-1/sagemaker/aws4_request"
        headers = {
            "X-Amz-Target": f"SageMaker.{operation}",
            "Content-Type": "application/x-amz-json-1.1",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, Signature=0",
        }
        status, _, answer = self.forward("POST", "/", headers, json.dumps(content).encode())
        return status, json.loads(answer or b"{}")

    def forward(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, str, bytes]:
        """Let moto answer."""
        kept = {key: value for key, value in headers.items() if key.lower() != "content-length"}
        request = urllib.request.Request(self.moto + path, body or None, kept, method=method)
        try:
            with urllib.request.urlopen(request, timeout=150) as answer:
                return answer.status, answer.headers["Content-Type"] or "", answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers["Content-Type"] or "", error.read()


def refusal(code: str, message: str) -> Reply:
    """Return how AWS refuses."""
    return 400, {"__type": code, "message": message}


def encode(reply: Reply) -> tuple[int, str, bytes]:
    """Return an answer as it is sent."""
    return reply[0], "application/x-amz-json-1.1", json.dumps(reply[1]).encode()
