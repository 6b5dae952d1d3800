"""A git server over HTTPS with a certificate of its own, as a company has one."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.secrets.server import USER, PrivateServer, handler_of


@dataclass
class HTTPSServer:
    """A running server.

    Attributes:
        authority: Its host and port.
        certificate: The file that a client trusts.
        netrc: The file with the user and the password that it demands.

    """

    authority: str
    certificate: Path
    netrc: Path


@contextmanager
def serving_https(root: Path, password: str, host: str) -> Iterator[HTTPSServer]:
    """Serve the bare repositories in the folder `git` of a root at `/git/`."""
    certificate, key = root / "certificate.pem", root / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=mldock test", "-addext", f"subjectAltName=IP:{host}"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    netrc = root / "netrc"
    netrc.write_text(f"machine {host} login {USER} password {password}\n", "utf-8")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = ThreadingHTTPServer((host, 0), handler_of(PrivateServer(host, 0, root, password)))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever).start()
    yield HTTPSServer(f"{host}:{server.server_port}", certificate, netrc)
    server.shutdown()
    server.server_close()
