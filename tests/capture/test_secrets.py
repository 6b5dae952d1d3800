"""Secrets are found where they stand, unless their owner has audited or allowed them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from extensions.model import CaptureError, File
from extensions.refusals import listing
from extensions.scanning.secrets import BASELINE, Finding, scan
from tests.project import TEMPLATES, generate

# None of these is whole in this file, so that no scanner of this repository takes it for real.
RANDOM = "q8Zt3LwV" + "7nXy2KpR" + "5mBc9HdF" + "1gJs6TaE" + "4uQe0WiY"
GITHUB = "ghp" + "_" + "a1B2c3D4e5F6" * 3
AWS = "AKIA" + "Q7ZT3LWV7NXY2KPR"
KEY = "-----BEGIN RSA PRIV" + "ATE KEY-----"
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def found(name: str, content: str, *allowed: str) -> list[Finding]:
    """Return what is found in one file."""
    return scan({name: File(content.encode())}, allowed)


@pytest.mark.parametrize(
    ("name", "line", "what", "value"),
    [
        ("a.md", f"clone with {GITHUB} please", "GitHub Token", GITHUB),
        ("a.py", f"boto3.client(key='{AWS}')", "AWS Access Key", AWS),
        ("a.txt", KEY, "Private Key", KEY),
        ("a.yaml", f"value: {RANDOM}", "Base64 High Entropy String", RANDOM),
        ("a.py", 'password = "hunter2"', "Secret Keyword", "hunter2"),
        ("mldock.json", '"db_password": "hunter2",', "Secret Keyword", "hunter2"),
        ("prod.env", "DB_PASSWORD=hunter2", "Secret Keyword", "hunter2"),
        ("a/Dockerfile", "ENV DB_PASSWORD=hunter2\nRUN make", "Secret Keyword", "hunter2"),
        ("run.sh", "export DB_PASSWORD=hunter2\nmake", "Secret Keyword", "hunter2"),
        ("a.py", "URL = 'postgres://ann:hunter2@db/a'", "Basic Auth Credentials", "hunter2"),
    ],
)
def test_secret(name: str, line: str, what: str, value: str) -> None:
    """It is found with its line and its kind, and the refusal never shows it."""
    there = found(name, f"# A file\n\n{line}\n")

    text = listing(finding.refusal for finding in there)
    assert f"{name}:3  {what} " in text
    assert text.endswith(" or --allow PATH:LINE")
    assert {finding.line for finding in there} == {3}
    assert value not in text + repr(there)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("src/requirements.lock", f"    --hash=sha256:{DIGEST} \\"),
        ("ci.yml", f"  - uses: actions/checkout@{DIGEST[:40]} # v4"),
        ("a.yml", "password: ${{ secrets.PASSWORD }}"),
        ("run.sh", "PASSWORD=$(cat /run/secrets/password) make"),
        ("a.py", f'TOKEN = "{GITHUB}"  # pragma: allowlist secret'),
    ],
)
def test_no_secret(name: str, line: str) -> None:
    """Digests, identifiers, references and what its owner has marked are none."""
    assert found(name, f"first line\n{line}\n") == []


@pytest.mark.parametrize(
    ("allowed", "lines"),
    [
        ([], [1, 3, 5]),
        (["src/a.py"], []),
        (["src/a.py:1"], [3, 5]),
        (["secret:src/a.py:3"], [1, 5]),
        (["email:src/a.py"], [1, 3, 5]),
        (["a.py", "src/b.py", "src/a.py:2"], [1, 3, 5]),
    ],
)
def test_allowed(allowed: list[str], lines: list[int]) -> None:
    """A file, a line or a kind is allowed, and nothing beside it, not even the same token."""
    text = f'a = "{GITHUB}"\n\nb = "{GITHUB}"\n\nc = "{GITHUB[:-1]}Z"\n'

    assert [finding.line for finding in found("src/a.py", text, *allowed)] == lines


@pytest.mark.parametrize(("audited", "lines"), [(False, [2]), (True, [1, 2]), (None, [1, 2])])
def test_baseline(tmp_path: Path, audited: bool | None, lines: list[int]) -> None:
    """What detect-secrets has recorded is no secret if, and only if, its audit says so."""
    (tmp_path / "a.py").write_text('password = "hunter2"\n', "utf-8")
    command = [sys.executable, "-m", "detect_secrets", "scan", "--all-files", "."]
    scanned = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    baseline = json.loads(scanned.stdout)
    (entry,) = baseline["results"]["a.py"]
    if audited is not None:
        entry["is_secret"] = audited
    # The settings of a project do not weaken a scan, nor make it call a service.
    baseline |= {"plugins_used": [], "filters_used": []}
    files = dict.fromkeys(["a.py", "b.py"], File(b'password = "hunter2"\npassword = "hunter3"\n'))

    there = scan({**files, BASELINE: File(json.dumps(baseline).encode())})

    others = [("b.py", 1), ("b.py", 2)]
    assert [(one.path, one.line) for one in there] == [*(("a.py", line) for line in lines), *others]


@pytest.mark.parametrize("baseline", [b"{", b"{}", b"[]", b'{"results": {"a.py": [{}]}}'])
def test_damaged_baseline(baseline: bytes) -> None:
    """It is said, with how to write it again."""
    with pytest.raises(CaptureError, match=r"\.secrets\.baseline cannot .*: detect-secrets scan"):
        scan({BASELINE: File(baseline)})


@pytest.mark.parametrize("template", TEMPLATES)
def test_own_templates(tmp_path: Path, template: str) -> None:
    """In a project that is just made nothing is found."""
    project = generate(tmp_path / "project", template=template, ci="github", storage="gs")

    # A capture has an answers file of its own, without the path of this clone.
    names = project.files() - {".copier-answers.yml"}
    files = {name: File((project.path / name).read_bytes()) for name in names}

    assert scan(files) == []
