"""Facts about one machine, account or person are found; what is the same for all is not."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extensions.model import File
from extensions.scanning import hosts, machine
from extensions.scanning.secrets import scan

ACCOUNT = "4711" + "0815" + "2342"


@pytest.mark.parametrize(
    ("kind", "line", "value"),
    [
        ("account", f"arn:aws:iam::{ACCOUNT}:role/train", ACCOUNT),
        ("account", f"FROM {ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/model:1", ACCOUNT),
        ("account", f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/jobs", ACCOUNT),
        ("account", f"AWS_ACCOUNT_ID={ACCOUNT}", ACCOUNT),
        ("account", f'"account": "{ACCOUNT}"', ACCOUNT),
        ("account", "our account 4711-0815-2342", "4711-0815-2342"),
        (
            "account",
            "/subscriptions/0f8fad5b-d9cb-469f-a165-70867728950e/x",
            "0f8fad5b-d9cb-469f-a165-70867728950e",
        ),
        ("home", "data = '/home/ann/data'", "/home/ann"),
        ("home", "cd /Users/ann.lee/code", "/Users/ann.lee"),
        ("home", r"C:\Users\Ann\data", r"C:\Users\Ann"),
        ("home", r"'c:\\Users\\Ann\\data'", r"c:\\Users\\Ann"),
        ("home", "C:/Users/ann", "/Users/ann"),
        ("home", "file:///home/ann/a.csv", "/home/ann"),
        ("home", "/mnt/c/Users/ann", "/Users/ann"),
        ("email", "Ann Lee <ann.lee+ml@acme-models.com>", "ann.lee+ml@acme-models.com"),
        ("email", "authors = ['ann@acme.co.uk']", "ann@acme.co.uk"),
        ("host", "URL = 'https://models.acme.corp/v1'", "models.acme.corp"),
        ("host", "host: db.internal", "db.internal"),
        ("host", "'printer.lan'", "printer.lan"),
        ("host", "connect to gpu-01.local:8080", "gpu-01.local"),
        ("host", "ask on git.acme.corp for help", "git.acme.corp"),
        ("host", "FROM acmemodels.azurecr.io/base:1", "acmemodels.azurecr.io"),
        ("address", "HOST=10.1.2.3", "10.1.2.3"),
        ("address", "http://192.168.1.20:9000", "192.168.1.20"),
        ("address", "'172.20.0.5'", "172.20.0.5"),
        ("address", "ssh ann@52.17.4.9", "52.17.4.9"),
    ],
)
def test_fact(kind: str, line: str, value: str) -> None:
    """It is found with its kind, its line and its text."""
    found = scan({"README.md": File(f"first\n{line}\nlast\n".encode())})

    assert (kind, 2, value) in [(finding.kind, finding.line, finding.value) for finding in found]
    assert {finding.kind for finding in found} == {kind}
    assert scan({"README.md": File(line.encode())}, [f"{kind}:README.md"]) == []


@pytest.mark.parametrize(
    "line",
    [
        "arn:aws:s3:::bucket/key",
        "arn:aws:iam::123456789012:role/train",
        "account 000000000000",
        f"rows {ACCOUNT}",
        "ENV HOME=/home/appuser",
        "/home/user/project",
        "https://example.com/home/ann",
        "src/home/ann",
        "cd ~/code",
        "ann@example.com",
        "ann@mail.example.org",
        "ann@users.noreply.github.com",
        "git@github.com:acme/model.git",
        "@app.route('/')",
        "product = rows@layer.weights",
        "product = rows@layer.to(device)",
        "uses: actions/checkout@v4.1.0",
        "host.docker.internal:8080",
        "http://metadata.google.internal/computeMetadata",
        "http://model.default.svc.cluster.local",
        "class Local(threading.local):",
        "cache = self.local",
        "import numpy.core.internal",
        "settings.local.json",
        "cp .env.local .env",
        "python:3.12-slim",
        "127.0.0.1:8080 0.0.0.0 192.0.2.7 198.51.100.7 203.0.113.7",
        "169.254.169.254 172.17.0.1 8.8.8.8",
        "10.0.0.0/8, 192.168.0.0/16",
        "nvidia-curand-cu12==10.3.9.90",
        'version = "10.3.9.90"',
        "curand-10.3.9.90-py3-none-any.whl",
        "1.10.1.2.3",
        "999.10.2.3",
    ],
)
def test_nobodys(line: str) -> None:
    """Examples, conventions and what only looks like one are left alone."""
    assert scan({"README.md": File(f"{line}\n".encode())}) == []


def test_version_in_a_lock() -> None:
    """In a list of packages four numbers are a version."""
    line = b'{ name = "curand", at = "10.3.9.90" }\n'

    assert scan({"uv.lock": File(line)}) == []
    assert [finding.kind for finding in scan({"a.txt": File(line)})] == ["address"]


def test_name() -> None:
    """A file's name says something too; it has no line."""
    found = scan({"mails/ann@acme.com.txt": File(b""), "mails/ann@acme.com": File(b"")})

    assert [(finding.line, finding.what) for finding in found] == [
        (0, "e-mail address in the name")
    ]


def test_binary() -> None:
    """A pickle that names a home folder is found out."""
    found = scan({"model.pkl": File(b"\x80\x04\xff\0/home/ann/train.py\0ann@acme.com")})

    assert [(finding.kind, finding.value) for finding in found] == [("home", "/home/ann")]


@pytest.mark.parametrize(
    ("name", "is_found"), [("gpu-box-7", True), ("server", False), ("localhost-1", False)]
)
def test_this_machine(monkeypatch: pytest.MonkeyPatch, name: str, is_found: bool) -> None:
    """The name of this machine is found, unless it is a word like any other."""
    monkeypatch.setattr(socket, "gethostname", lambda: name)
    hosts._this_machine.cache_clear()
    try:
        found = scan({"a.txt": File(f"run on {name.upper()} only\nmy{name} {name}s\n".encode())})
    finally:
        hosts._this_machine.cache_clear()

    assert [finding.line for finding in found if finding.kind == "host"] == [1] * is_found


@pytest.mark.parametrize(
    ("home", "text", "is_found"),
    [
        ("/srv/people/ann", "/srv/people/ann/data", True),
        ("/srv/people/ann", "/srv/people/anna", False),
        ("/root", "/root/.cache", False),
    ],
)
def test_this_home(monkeypatch: pytest.MonkeyPatch, home: str, text: str, is_found: bool) -> None:
    """The home folder of whoever captures is found wherever it is, but for root's."""
    monkeypatch.setattr(Path, "home", lambda: Path(home))
    machine._this_home.cache_clear()
    try:
        found = list(machine.facts(text))
    finally:
        machine._this_home.cache_clear()

    assert [fact.value for fact in found] == [home] * is_found


@given(st.text())
def test_any_text(text: str) -> None:
    """A fact is where it is said to be."""
    for fact in machine.facts(text):
        assert text.startswith(fact.value, fact.start)
