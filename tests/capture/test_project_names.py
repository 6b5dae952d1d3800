"""Names that a template cannot hold, and files that do not belong into one."""

from __future__ import annotations

from pathlib import Path

import pytest

from extensions import git, project
from extensions.model import File
from extensions.refusals import LARGEST, refusals
from tests.capture.trees import READY, as_tree, build, refusal


@pytest.mark.parametrize(
    ("name", "reason", "shown"),
    [
        *((f"a{character}b", "Windows cannot", f"a{character}b") for character in '"|:<>?*\\'),
        ("a\nb", "control character", r"a\nb"),
        ("a\x7fb", "control character", r"a\x7fb"),
        ("dot.", "dot or a blank", "dot."),
        ("blank /x", "dot or a blank", "blank /x"),
        ("sub/NUL.txt", "a device", "sub/NUL.txt"),
        ("com1", "a device", "com1"),
        ("a" * 201, "more than 200 bytes", "a" * 201),
        (git.text_of(b"caf\xe9"), "not UTF-8", r"caf\xe9"),
    ],
)
def test_name(tmp_path: Path, name: str, reason: str, shown: str) -> None:
    """A name that some system cannot check out is refused, and shown so that it can be read."""
    build(tmp_path, {**READY, name: b""})

    message = refusal(tmp_path)
    assert reason in message
    assert f"    {shown}\n" in message


@pytest.mark.parametrize(
    "name", ["a b", "ünï/日本.py", "{{ x }}", "{% if %}", "it's", "console", ".hidden", "a.JINJA"]
)
def test_fine_name(tmp_path: Path, name: str) -> None:
    """Blanks, accents and braces are fine."""
    build(tmp_path, {**READY, name: b""})

    assert name in project.read(tmp_path).files


@pytest.mark.parametrize(
    ("paths", "pairs"),
    [
        (["Readme.md", "README.md"], ["Readme.md and README.md"]),
        (["src/a", "Src/b", "Src/c"], ["src and Src"]),
        (["caf\u00e9", "cafe\u0301"], ["caf\u00e9 and cafe\u0301"]),
        (["A", "a/b"], ["a and A"]),
        (["a/b", "a/c", "b/a"], []),
    ],
)
def test_clash(paths: list[str], pairs: list[str]) -> None:
    """Names that macOS and Windows take for one are named as a pair, folders too."""
    found = refusals({path: File() for path in paths}, [], [])

    assert [refusal.place for refusal in found] == pairs


@pytest.mark.parametrize(
    ("paths", "pairs"),
    [
        (["a.html", "a.html.jinja"], ["a.html and a.html.jinja"]),
        (["a.html", "a.html.jinja/b"], ["a.html and a.html.jinja"]),
        (["a.html.jinja", "b/a.html"], []),
        (["a.html", "a.html.JINJA"], []),
    ],
)
def test_sibling(paths: list[str], pairs: list[str]) -> None:
    """Copier drops a file that has a sibling with its suffix."""
    found = refusals({path: File() for path in paths}, [], [])

    assert [refusal.place for refusal in found] == pairs


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        "config/.env.prod",
        "certs/server.pem",
        "id_rsa",
        "src/__pycache__/trainer.cpython-311.pyc",
        ".venv/bin/python",
        ".mldock/output/log",
        "model/iris.pkl",
        "model/IRIS.PT",
        "net.onnx",
        ".ipynb_checkpoints/a.ipynb",
        "data/large.csv",
    ],
)
def test_mistake(tmp_path: Path, path: str) -> None:
    """What is no source is refused, unless it is allowed by name."""
    content = b"x" * (LARGEST + 1 if path == "data/large.csv" else 1)
    build(tmp_path, {**READY, path: content})

    message = refusal(tmp_path, "other/*")
    assert f"    {path}\n" in message
    assert "--allow" in message
    assert project.read(tmp_path, allowed=[path]).files[path].content == content
    folder = path.split("/")[0]
    assert path in project.read(tmp_path, allowed=[f"{folder}*"]).files


@pytest.mark.parametrize(
    "path",
    [".env.example", "environment.py", "model/__init__.py", "data/a.csv", "venv.md", "keys.py"],
)
def test_no_mistake(path: str) -> None:
    """A name that only resembles one is fine."""
    assert refusals(as_tree({path: b""}), [], []) == []


def test_allowed_as_printed(tmp_path: Path) -> None:
    """A path with brackets is allowed as it stands in the list, though it is a pattern too."""
    build(tmp_path, {**READY, "model[1].pkl": b""})

    assert "    model[1].pkl\n" in refusal(tmp_path)
    assert "model[1].pkl" in project.read(tmp_path, allowed=["model[1].pkl"]).files
