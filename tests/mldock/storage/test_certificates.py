"""A store whose certificate is of a company's own authority, or that of its proxy."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from mldock import ContainerError, stores

from tests.authority import Authority
from tests.mldock.storage.tools import fetch

EMPTY = b"<ListBucketResult><Name>bucket</Name><IsTruncated>false</IsTruncated></ListBucketResult>"


class Handler(BaseHTTPRequestHandler):
    """Says that a bucket is empty."""

    def do_HEAD(self) -> None:
        """Answer a request for one object."""
        self.send_error(404)

    def do_GET(self) -> None:
        """Answer a request for a list."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(EMPTY)))
        self.end_headers()
        self.wfile.write(EMPTY)

    def log_message(self, *_: object) -> None:
        """Write no log."""


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """Return the authority that has signed for the store."""
    authority = Authority(tmp_path)
    for name in [name for name in os.environ if name.startswith(("SSL_CERT", "AWS_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setitem(stores.RETRY, "max_retries", 0)
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "test")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        context: ssl.SSLContext = authority.context("localhost")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"https://localhost:{server.server_port}")
        Thread(target=server.serve_forever).start()
        yield authority
        server.shutdown()


def test_authority_that_is_not_trusted(authority: Authority, tmp_path: Path) -> None:
    """The message names the variable."""
    del authority
    with pytest.raises(ContainerError, match=r"not trusted here, .* in SSL_CERT_FILE\."):
        fetch("s3://bucket/a", tmp_path)


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "AWS_CA_BUNDLE"])
def test_authority_of_a_file(
    variable: str, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With it the store answers."""
    monkeypatch.setenv(variable, str(authority.path))

    with pytest.raises(ContainerError, match="nothing is stored there"):
        fetch("s3://bucket/a", tmp_path)
