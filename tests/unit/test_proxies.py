"""What a container is told of this machine's proxies, and which files are of an authority."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from mldock import ContainerError
from mldock.cli.proxies import check_ca, proxies
from mldock.cli.server import is_ready

from tests.authority import Authority


@pytest.fixture(autouse=True)
def no_proxy_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin without those of this machine."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_both_spellings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs such as apt read one alone; where both are set, that in lower case counts."""
    monkeypatch.setenv("HTTPS_PROXY", "http://other:3128")
    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", "localhost,.company.test")
    monkeypatch.setenv("HTTP_PROXY", "")

    assert proxies([]) == {
        "https_proxy": "http://proxy:3128",
        "HTTPS_PROXY": "http://proxy:3128",
        "no_proxy": "localhost,.company.test",
        "NO_PROXY": "localhost,.company.test",
    }
    # What somebody gives the container stays.
    assert list(proxies(["--build-arg", "https_proxy", "http://third"])) == ["no_proxy", "NO_PROXY"]


@pytest.mark.parametrize(
    "address", ["localhost:3128", "http://user:word@127.0.0.1:3128", "http://[::1]:3128/"]
)
def test_proxy_of_this_machine(
    address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A container would look for it in itself, unless it has the network of this machine."""
    monkeypatch.setenv("https_proxy", address)

    assert proxies([]) == {}
    told = capsys.readouterr().err
    assert told.startswith("HTTPS_PROXY is not passed on: it names this machine")
    assert "word" not in told
    assert proxies([], host_network=True)["HTTPS_PROXY"] == address
    assert capsys.readouterr().err == ""


def test_server_of_this_machine_is_behind_no_proxy(
    monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    """Not even where nobody has set NO_PROXY."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    assert is_ready(server)


@pytest.fixture
def server() -> Iterator[str]:
    """Return the address of a server that is healthy."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_file_of_an_authority(tmp_path: Path) -> None:
    """One in PEM, or several, with what people write between them."""
    pem = Authority(tmp_path).path.read_text("utf-8")
    path = tmp_path / "bundle.pem"
    path.write_text(f"# Zürich\n{pem}\nof all others\n{pem}", "utf-8")

    check_ca(path)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("missing.pem", "No such file or directory. Name the file"),
        (".", "Is a directory. Name the file"),
        ("empty.pem", "it has no certificate in PEM, or a broken one. Ask"),
        ("text.pem", "it has no certificate in PEM, or a broken one. Ask"),
        ("half.pem", "it has no certificate in PEM, or a broken one. Ask"),
        ("company.cer", "the certificate is in DER. Convert it to PEM: openssl x509 -inform der "),
    ],
)
def test_file_of_no_authority(name: str, told: str, tmp_path: Path) -> None:
    """It is told at once, in one line, and not by the third tool of a build."""
    pem = Authority(tmp_path).path.read_text("utf-8")
    contents = {
        "empty.pem": b"",
        "text.pem": b"hello",
        "half.pem": pem[: len(pem) // 2].encode(),
        "company.cer": ssl.PEM_cert_to_DER_cert(pem),
    }
    for file, content in contents.items():
        (tmp_path / file).write_bytes(content)

    with pytest.raises(ContainerError) as caught:
        check_ca(tmp_path / name)
    assert str(caught.value).startswith(f"--ca {tmp_path / name}: {told}")
    assert "\n" not in str(caught.value)
