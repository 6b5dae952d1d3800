"""Facts about one machine, account or person are found; what is the same for all is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from extensions.model import File
from extensions.scanning.secrets import scan

ACCOUNT = "4711" + "0815" + "2342"


@pytest.mark.parametrize(
    ("kind", "line", "value"),
    [
        ("account", f"arn:aws:iam::{ACCOUNT}:role/train", ACCOUNT),
        ("account", f"FROM {ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/model:1", ACCOUNT),
        ("account", f'"account": "{ACCOUNT}"', ACCOUNT),
        ("account", "our account 4711-0815-2342", "4711-0815-2342"),
        ("account", "/subscriptions/0f8fad5b-d9cb-469f-a165-70867728950e/x", None),
        ("home", "data = '/home/ann/data'", "/home/ann"),
        ("home", r"'c:\\Users\\Ann\\data'", r"c:\\Users\\Ann"),
        ("home", "/mnt/c/Users/ann", "/Users/ann"),
        ("email", "Ann Lee <ann.lee+ml@acme-models.com>", "ann.lee+ml@acme-models.com"),
    ],
)
def test_fact(kind: str, line: str, value: str | None) -> None:
    """It is found with its kind, its line and its text."""
    found = scan({"README.md": File(f"first\n{line}\nlast\n".encode())})

    assert [(finding.kind, finding.line) for finding in found] == [(kind, 2)]
    assert found[0].value == (value or line[15:-2])
    assert scan({"README.md": File(line.encode())}, [f"{kind}:README.md"]) == []


@pytest.mark.parametrize(
    "line",
    [
        "account 000000000000, arn:aws:iam::123456789012:role/train",
        f"rows {ACCOUNT}",
        "ENV HOME=/home/appuser",
        "https://example.com/home/ann",
        "ann@mail.example.org",
        "ann@users.noreply.github.com",
        "NAME@PROJECT.iam.gserviceaccount.com",
        "git@github.com:acme/model.git",
        "product = rows@layer.weights",
        "product = rows@layer.to(device)",
    ],
)
def test_nobodys(line: str) -> None:
    """Examples, conventions and what only looks like one are left alone."""
    assert scan({"README.md": File(f"{line}\n".encode())}) == []


def test_name() -> None:
    """A file's name says something too; it has no line."""
    (found,) = scan({"mails/ann@acme.com": File(b"")})

    assert found.refusal.place == "mails/ann@acme.com  e-mail address in the name ann@****"


@pytest.mark.parametrize(
    ("home", "text", "times"),
    [
        ("/srv/people/ann", "/srv/people/ann/data", 1),
        ("/srv/people/ann", "/srv/people/anna", 0),
        ("/root", "/root/.cache", 0),
    ],
)
def test_this_home(monkeypatch: pytest.MonkeyPatch, home: str, text: str, times: int) -> None:
    """The home folder of whoever captures is found wherever it is, but for root's."""
    monkeypatch.setattr(Path, "home", lambda: Path(home))

    assert [finding.value for finding in scan({"a.txt": File(text.encode())})] == [home] * times
