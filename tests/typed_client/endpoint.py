"""SageMaker's runtime: it checks the signature of each request, and asks a model's server."""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.client import ask

ACCESS, SECRET, REGION, NAME = (
    "AKIDEXAMPLE",
    "q8Zk3secretkeythatnoonesees",
    "eu-west-1",
    "iris-prod",
)

AUTHORIZATION = re.compile(
    rf"AWS4-HMAC-SHA256 Credential={ACCESS}/\d{{8}}/{REGION}/sagemaker/aws4_request, "
    r"SignedHeaders=(?P<headers>[\w;-]+), Signature=(?P<signature>[0-9a-f]{64})"
)
Reply = tuple[int, bytes]


class Endpoint:
    """An endpoint.

    Attributes:
        url: The address of the runtime.
        signatures: Those of the requests that were let in.
        busy: How many requests are sent away before the next is let in.

    """

    def __init__(self, server: str, token: str | None = None) -> None:
        self.server = server
        self.token = token
        self.signatures: list[str] = []
        self.busy = 0
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            """Answers requests."""

            def do_POST(self) -> None:
                """Answer one."""
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, answer = endpoint.answer(self.path, headers, body)
                self.send_response(status)
                if status == 503:
                    self.send_header("Retry-After", "0")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """End it."""
        self.http.shutdown()
        self.http.server_close()

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> Reply:
        """Answer a request as AWS does."""
        if fault := self.fault(path, headers, body):
            return 403, json.dumps({"message": fault}).encode()
        if path != f"/endpoints/{NAME}/invocations":
            fault = f"Endpoint {path.split('/')[2]} of account 123456789012 not found."
            return 400, json.dumps({"Message": fault}).encode()
        if self.busy:
            self.busy -= 1
            return 503, b'{"Message": "Service unavailable."}'
        kind = headers["content-type"]
        status, answer = ask(self.server, "/invocations", body, Content_Type=kind)
        if status == 200:
            return status, answer
        # The server's words are told within those of the platform.
        fault = f"Received client error ({status}) from primary with message {answer.decode()!r}."
        told = {"Message": fault, "OriginalMessage": answer.decode()}
        return 424, json.dumps(told | {"OriginalStatusCode": status}).encode()

    def fault(self, path: str, headers: dict[str, str], body: bytes) -> str:
        """Return what is wrong with the signature, if anything is."""
        found = AUTHORIZATION.fullmatch(headers.get("authorization", ""))
        if not found:
            return "The request is not signed, or not for this region."
        names = found["headers"].split(";")
        if not {"host", "x-amz-date", "content-type"} <= set(names):
            return f"A header is not signed: {names}"
        signed = AWSRequest(
            "POST",
            f"http://{headers['host']}{path}",
            {name: headers[name] for name in names if name != "host"},
            body,
        )
        signed.context["timestamp"] = headers["x-amz-date"]
        signer = SigV4Auth(Credentials(ACCESS, SECRET), "sagemaker", REGION)
        text = signer.string_to_sign(signed, signer.canonical_request(signed))
        if signer.signature(text, signed) != found["signature"]:
            return (
                "The request signature we calculated does not match the signature you provided. "
                "Check your AWS Secret Access Key and signing method."
            )
        if headers.get("x-amz-security-token") != self.token:
            return "The security token included in the request is expired"
        self.signatures.append(found["signature"])
        return ""


def signed_in(endpoint: Endpoint, **variables: str) -> dict[str, str]:
    """Return the variables of a user who is signed in."""
    return {
        "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": endpoint.url,
        "AWS_ACCESS_KEY_ID": ACCESS,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": REGION,
        **variables,
    }
