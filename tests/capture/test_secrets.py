"""Secrets are found where they stand, and little else is taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extensions.model import File
from extensions.refusals import listing
from extensions.scanning.secrets import Finding, scan
from tests.capture.trees import as_tree
from tests.project import TEMPLATES, generate

# None of these is whole in this file, so that no scanner of this repository takes it for real.
RANDOM = "q8Zt3LwV" + "7nXy2KpR" + "5mBc9HdF" + "1gJs6TaE" + "4uQe0WiY"
GITHUB = "ghp" + "_" + "a1B2c3D4e5F6" * 3
AWS = "AKIA" + "Q7ZT3LWV7NXY2KPR"
STRIPE = "sk" + "_live_" + "q8Zt3LwV7nXy2KpR5mBc9HdF"
KEY = "-----BEGIN RSA PRIV" + "ATE KEY-----"
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def found(name: str, content: str | bytes, *allowed: str) -> list[Finding]:
    """Return what is found in one file."""
    content = content.encode() if isinstance(content, str) else content
    return scan({name: File(content)}, allowed)


@pytest.mark.parametrize(
    ("name", "line", "value"),
    [
        ("a.py", f'TOKEN = "{GITHUB}"', GITHUB),
        ("a.txt", f"clone with {GITHUB} please", GITHUB),
        ("a.py", f"boto3.client(key='{AWS}')", AWS),
        ("a.md", f"Pay with {STRIPE}.", STRIPE),
        ("a.txt", KEY, KEY.strip("-")),
        ("a.py", f'key = "{RANDOM}"', RANDOM),
        ("a.py", 'key = "bDfHjLnPrTvXzAcEgIkMoQsUwY9"', "bDfHjLnPrTvXzAcEgIkMoQsUwY9"),
        ("a.json", f'{{"value": "{RANDOM}"}}', RANDOM),
        ("a.ipynb", rf'    "token = \"{RANDOM}\"\n",', RANDOM),
        ("a.yaml", f"value: {RANDOM}", RANDOM),
        (".env.example", f"VALUE={RANDOM}", RANDOM),
        ("a.py", f'value = "{DIGEST}"', DIGEST),
        ("a.py", 'password = "hunter2"', "hunter2"),
        ("a.py", 'connect(password="hunter2", host=os.environ["HOST"])', "hunter2"),
        ("a.json", '{"secret_name": "x", "password": "hunter2"}', "hunter2"),
        ("a.json", '"db_password": "hunter2",', "hunter2"),
        ("a.yml", "password: hunter2", "hunter2"),
        ("a.toml", 'api_key = "hunter2"', "hunter2"),
        ("run.sh", "export DB_PASSWORD=hunter2", "hunter2"),
        ("src/container/Dockerfile", "ENV DB_PASSWORD=hunter2", "hunter2"),
        ("a.py", 'URL = "postgres://ann:hunter2@db/sales"', "hunter2"),
        ("a.min.js", "x" * 9000 + f";t='{GITHUB}';" + "y" * 9000, GITHUB),
    ],
)
def test_secret(name: str, line: str, value: str) -> None:
    """It is found in the middle of a file, with its line, and shown masked."""
    there = found(name, f"first line\nsecond line\n{line}\nlast line\n")

    assert value in [finding.value for finding in there]
    for finding in there:
        assert (finding.path, finding.line, finding.kind) == (name, 3, "secret")
        assert finding.text.endswith("****")
        assert len(finding.text) <= 8
        assert f"--allow '{name}:3'" in finding.remedy
        assert value not in listing([finding.refusal]) + repr(finding)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("src/requirements.lock", f"    --hash=sha256:{DIGEST} \\"),
        ("uv.lock", f'sdist = {{ hash = "sha256:{DIGEST}" }}'),
        ("poetry.lock", f'    {{file = "a.whl", hash = "sha256:{DIGEST}"}},'),
        ("package-lock.json", f'"integrity": "sha512-{RANDOM}"'),
        ("data/checksums.json", f'"a.csv": "{DIGEST}"'),
        ("Dockerfile", f"FROM python:3.12-slim@sha256:{DIGEST}"),
        ("a.py", f'SHA256 = "{DIGEST}"'),
        ("a.yml", f"commit: {DIGEST[:40]}"),
        ("ci.yml", f"  - uses: actions/checkout@{DIGEST[:40]} # v4"),
        ("a.py", 'RUN = "0f8fad5b-d9cb-469f-a165-70867728950e"'),
        ("a.ipynb", '   "id": "0f8fad5bd9cb469fa16570867728950e",'),
        ("a.ipynb", f'    "image/png": "iVBORw0KGgo{RANDOM}"'),
        ("a.py", 'password = os.environ["PASSWORD"]'),
        ("a.py", "password = getpass.getpass()"),
        ("a.yml", "password: ${{ secrets.PASSWORD }}"),
        ("a.yml", "    secrets: inherit"),
        ("a.yml", "secretName: model-store"),
        ("a.yml", "password_file: /run/secrets/password"),
        ("run.sh", 'export PASSWORD="$1"'),
        ("run.sh", "PASSWORD=$(cat /run/secrets/password)"),
        ("README.md", 'Set the password: "the one that you got by mail".'),
        ("a.py", 'PATH = "src/container/lifecycle/storage/downloads/incoming_2"'),
        ("a.py", 'NAME = "test_the_quick_brown_fox_jumps_over_the_lazy_dog"'),
        ("a.py", 'ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"'),
        ("a.py", f'TOKEN = "{GITHUB}"  # pragma: allowlist secret'),
        ("README.md", "aws_access_key_id = AKIAIOSFODNN7EXAMPLE"),
        ("a.txt", "postgres://ann:${PASSWORD}@db/sales"),
    ],
)
def test_no_secret(name: str, line: str) -> None:
    """Digests, identifiers, placeholders and references are none."""
    assert found(name, f"first line\n{line}\n") == []


def test_binary() -> None:
    """In a file that is no text tokens are found, random bytes are not."""
    noise = bytes(range(256)) * 20

    there = found("model.bin", noise + GITHUB.encode() + noise)

    assert [(finding.line, finding.value) for finding in there] == [(0, GITHUB)]
    assert there[0].place == "model.bin"
    assert found("model.bin", noise + RANDOM.encode() + noise) == []


def test_utf_16() -> None:
    """A text as Windows writes it is read as one."""
    there = found("a.txt", f"first\r\n{GITHUB}\r\n".encode("utf-16"))

    assert [(finding.line, finding.value) for finding in there] == [(2, GITHUB)]


@pytest.mark.parametrize(
    ("allowed", "lines"),
    [
        ([], [1, 3]),
        (["src/a.py"], []),
        (["src/*"], []),
        (["src"], []),
        (["src/a.py:1"], [3]),
        (["*:3"], [1]),
        (["secret:src/a.py"], []),
        (["secret:src/a.py:3"], [1]),
        (["email:src/a.py"], [1, 3]),
        (["a.py", "src/b.py", "src/a.py:2"], [1, 3]),
    ],
)
def test_allowed(allowed: list[str], lines: list[int]) -> None:
    """A file, a line or a kind is allowed, and nothing beside it."""
    text = f'a = "{GITHUB}"\n\nb = "{GITHUB}"\n'

    assert [finding.line for finding in found("src/a.py", text, *allowed)] == lines


@given(st.lists(st.text(" abc=:'\"/\\{}é\r", max_size=30), max_size=8), st.integers(0, 8))
def test_line(lines: list[str], at: int) -> None:
    """Whatever stands around it, a token is found once, on its line."""
    at = min(at, len(lines))
    text = "\n".join([*lines[:at], f" {GITHUB} ", *lines[at:]])

    there = [finding for finding in found("a.txt", text) if finding.value == GITHUB]

    assert [finding.line for finding in there] == [at + 1]


def test_many_lines() -> None:
    """Each of several findings has its own line."""
    text = f"\n{GITHUB}\n{AWS}\n\n{STRIPE}\n"

    assert [finding.line for finding in found("a.txt", text)] == [2, 3, 5]


@settings(deadline=None)
@given(st.dictionaries(st.text(min_size=1, max_size=9), st.binary(max_size=300), max_size=3))
def test_any_bytes(files: dict[str, bytes]) -> None:
    """Any content is scanned, and a second time with the same result."""
    assert scan(as_tree(dict(files))) == scan(as_tree(dict(files)))


@pytest.mark.parametrize("template", TEMPLATES)
def test_own_templates(tmp_path: Path, template: str) -> None:
    """In a project that is just made nothing is found."""
    project = generate(tmp_path / "project", template=template)

    files = {name: File((project.path / name).read_bytes()) for name in project.files()}

    assert scan(files) == []
