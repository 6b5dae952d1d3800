"""A package index and a git server that demand a password, as a company has them."""

from __future__ import annotations

import base64
import os
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.engine import host_address

USER = "builder"

# The repositories of git, and packages by the rules of PEP 503.
GIT_PATH = "/git/"
INDEX_PATH = "/simple/"


@dataclass
class PrivateServer:
    """A server that containers reach, too.

    Attributes:
        host: Its address for this machine and for containers.
        port: Its port.
        root: What it serves: a folder `git` of bare repositories, and `simple` of packages.
        password: What it demands.

    """

    host: str
    port: int
    root: Path
    password: str

    @property
    def url(self) -> str:
        """Return its address, without the password."""
        return f"http://{self.host}:{self.port}"


@contextmanager
def serving(root: Path, password: str) -> Iterator[PrivateServer]:
    """Serve a folder on the address by which containers reach this machine."""
    host = host_address()
    private = PrivateServer(host, 0, root, password)
    server = ThreadingHTTPServer((host, 0), handler_of(private))
    private.port = server.server_port
    Thread(target=server.serve_forever).start()
    yield private
    server.shutdown()
    server.server_close()


def handler_of(private: PrivateServer) -> type[BaseHTTPRequestHandler]:
    """Return what answers the requests of a server."""
    expected = base64.b64encode(f"{USER}:{private.password}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            # It has to be read, were the request to be refused.
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            if self.headers["Authorization"] != f"Basic {expected}":
                self.respond(401, b"", {"WWW-Authenticate": 'Basic realm="private"'})
            elif self.path.startswith(GIT_PATH):
                self.respond(*self.git_answer(body))
            else:
                self.respond(*self.index_answer())

        do_GET = do_POST = do_HEAD = answer  # noqa: N815

        def index_answer(self) -> tuple[int, bytes, dict[str, str]]:
            path = private.root / self.path.partition("?")[0].lstrip("/")
            if path.is_file():
                return 200, path.read_bytes(), {"Content-Type": "application/octet-stream"}
            if not path.is_dir():
                return 404, b"", {}
            links = [f'<a href="{file.name}">{file.name}</a>' for file in path.iterdir()]
            return 200, "\n".join(links).encode(), {"Content-Type": "text/html"}

        def git_answer(self, body: bytes) -> tuple[int, bytes, dict[str, str]]:
            path, _, query = self.path.removeprefix(GIT_PATH).partition("?")
            variables = {
                "GIT_PROJECT_ROOT": str(private.root / "git"),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": f"/{path}",
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers["Content-Type"] or "",
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers["Content-Encoding"] or "",
                "GIT_PROTOCOL": self.headers["Git-Protocol"] or "",
                "REMOTE_USER": USER,
            }
            command = ["git", "http-backend"]
            process = subprocess.run(
                command, input=body, env={**os.environ, **variables}, stdout=subprocess.PIPE
            )
            head, _, content = process.stdout.partition(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
            return int(headers.pop("Status", "200").split()[0]), content, headers

        def respond(self, status: int, content: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def make_wheel(folder: Path, name: str) -> None:
    """Write a wheel with a module of the package's name."""
    folder.mkdir(parents=True)
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", "NUMBER = 1\n")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", f"{name}.py,,\n")


def make_repository(path: Path, name: str) -> None:
    """Make a bare repository with a package in it."""
    git = ["git", "-c", "user.name=test", "-c", "user.email=test@example.com"]
    git += ["-c", "commit.gpgsign=false", "-C", str(path)]
    path.mkdir(parents=True)
    (path / f"{name}.py").write_text("NUMBER = 1\n", "utf-8")
    (path / "pyproject.toml").write_text(
        f'[project]\nname = "{name}"\nversion = "1.0"\n'
        '[build-system]\nrequires = ["setuptools>=77"]\nbuild-backend = "setuptools.build_meta"\n'
        f'[tool.setuptools]\npy-modules = ["{name}"]\n',
        "utf-8",
    )
    for command in (
        ["init", "--quiet", "--initial-branch", "main"],
        ["add", "--all"],
        ["commit", "--quiet", "--message", "first"],
        ["clone", "--quiet", "--bare", ".", f"{path}.git"],
    ):
        subprocess.run([*git, *command], check=True)
