"""A stand-in for SageMaker's runtime, which passes requests on to the server of a model."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.client import ask

NAME, REGION = "iris-prod", "eu-west-1"


class Endpoint:
    """An endpoint called NAME, in REGION; it answers a request only if it is signed."""

    def __init__(self, server: str) -> None:
        class Handler(BaseHTTPRequestHandler):
            """Answers requests."""

            def do_POST(self) -> None:
                """Answer one."""
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = self.answer(body)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                if status == 424:
                    self.send_header("x-amzn-ErrorType", "ModelError")
                self.end_headers()
                self.wfile.write(answer)

            def answer(self, body: bytes) -> tuple[int, bytes]:
                """Return the answer of the model, or a refusal as SageMaker words it."""
                if f"/{REGION}/sagemaker/aws4_request" not in self.headers["Authorization"]:
                    return 403, b'{"message": "The request is not signed for this region."}'
                if self.path != f"/endpoints/{NAME}/invocations":
                    return 400, b'{"message": "Endpoint not found."}'
                kind = self.headers["Content-Type"]
                status, answer = ask(server, "/invocations", body, Content_Type=kind)
                if status == 200:
                    return 200, answer
                text = f"Received client error ({status}) from primary with {answer.decode()}"
                return 424, json.dumps({"Message": text}).encode()

            def log_message(self, *_: Any) -> None:
                """Print nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def variables(self) -> dict[str, str]:
        """The variables of a user who is signed in."""
        return {
            "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": f"http://127.0.0.1:{self.http.server_port}",
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret",
        }

    def stop(self) -> None:
        """End it."""
        self.http.shutdown()
        self.http.server_close()
