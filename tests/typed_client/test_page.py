"""The page `docs/client.md`: its commands run in a fresh project, and its code asks the model."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

from tests.project import ROOT, generate
from tests.typed_client.endpoint import Endpoint
from tests.typed_client.making import run

PAGE = (ROOT / "docs" / "client.md").read_text("utf-8")
COMMANDS = re.findall(r"^\$ (.+)$", PAGE, re.MULTILINE)
(CODE,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
(TABLE,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
FILES = re.findall(r"`(client/[\w./]+)`", PAGE)
DEFAULT = "http://127.0.0.1:8080"


def command_of(line: str, server: str) -> list[str]:
    """Return the arguments of a command; it asks the server here, and uv is faster than pip."""
    first, *rest = shlex.split(line.replace(DEFAULT, server))
    if first == "nox":
        return [sys.executable, "-m", "nox", *rest]
    if rest[:2] == ["-m", "venv"]:
        # The tests' own Python may be older than what a client needs.
        return ["uv", "venv", "--python", ">=3.11", *rest[2:]]
    if first == "client/.venv/bin/pip":
        return ["uv", "pip", rest[0], "--python", "client/.venv", *rest[1:]]
    asks_default = rest[0] == "client/application.py" and not {"--url", "--endpoint"} & {*rest}
    return [first, *rest, *(["--url", server] if asks_default else [])]


def test_commands_and_code(tmp_path: Path, server: str) -> None:
    """One after another, each works; those that ask get the table that the page shows."""
    project = generate(tmp_path / "iris", template="generic")
    endpoint = Endpoint(server)
    tables = []
    for line in COMMANDS:
        result = run(command_of(line, server), project.path, **endpoint.variables)
        assert result.returncode == 0, f"{line}\n{result.stdout}"
        if "application.py " in line:
            tables.append(result.stdout)
    endpoint.stop()

    assert tables == [TABLE] * 3
    assert all((project.path / name).exists() for name in FILES)
    # From where the package can only be the installed one.
    python = str(project.path / "client" / ".venv" / "bin" / "python")
    result = run([python, "-c", CODE.replace(DEFAULT, server)], tmp_path)
    assert result.stdout == "setosa\n"
