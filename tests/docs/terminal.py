"""A terminal in which a reader follows a page: the commands as they stand there, and their output.

What is not on this machine is in the place of what is: `gh:org/mldock-templates` is the working
tree, `pipx run` runs what is installed beside this Python, and the server has a port of its own.
"""

from __future__ import annotations

import contextlib
import math
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.client import free_port, wait_until_ready
from tests.docs.pages import Step

ADDRESS = "http://127.0.0.1:8080"
REMOTE = "https://github.com/org/mldock-templates"
READY = "Serving at"
NUMBER = r"-?\d+\.\d+"


@dataclass
class Terminal:
    """A shell in a folder.

    Attributes:
        folder: Where it is.
        templates: The repository that `gh:org/mldock-templates` is.
        home: A folder for its own settings.
        port: Where its server listens.
        tests: What `nox -s test` runs here; a fresh project runs all of its tests elsewhere.
        servers: Those that it has started.

    """

    folder: Path
    templates: Path
    home: Path
    port: int = field(default_factory=free_port)
    tests: str = "tests/test_prediction.py"
    servers: list[subprocess.Popen[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Put the settings into its home."""
        self.home.mkdir()
        pipx = self.home / "pipx"
        pipx.write_text('#!/bin/sh\nshift\nexec "$@"\n', "utf-8")
        pipx.chmod(0o755)
        (self.home / ".curlrc").write_text("silent\n", "utf-8")
        git = ["[user]", "name = reader", "email = reader@example.com"]
        # The longer one wins.
        for address in (REMOTE, f"{REMOTE}.git"):
            git += [f'[url "{self.templates}"]', f"insteadOf = {address}"]
        (self.home / "gitconfig").write_text("\n".join(git), "utf-8")

    @property
    def address(self) -> str:
        """Where the server is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def variables(self) -> dict[str, str]:
        """The environment of its commands."""
        path = [str(self.home), str(Path(sys.executable).parent), os.environ["PATH"]]
        return {
            **os.environ,
            "PATH": os.pathsep.join(path),
            "CURL_HOME": str(self.home),
            "GIT_CONFIG_GLOBAL": str(self.home / "gitconfig"),
            "COPIER_SETTINGS_PATH": str(self.home / "settings.yml"),
            # A browser that nobody sees.
            "BROWSER": "true",
        }

    def follow(self, step: Step) -> None:
        """Run a command to its end, or a server until it answers, and compare what it prints."""
        command = step.command
        if command.startswith("cd "):
            self.folder /= command[3:]
            return
        output = self.serve(command) if "nox -s serve" in command else self.run(command)
        compare(step.output, output.replace(self.address, ADDRESS))

    def run(self, command: str) -> str:
        """Run a command, which has to succeed."""
        command = command.replace(ADDRESS, self.address)
        if "nox -s predict" in command:
            command += f" --url {self.address}"
        elif command.endswith("nox -s test"):
            command += f" -- {self.tests}"
        result = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        assert result.returncode == 0, f"{command}\n{result.stdout}"
        return result.stdout

    def serve(self, command: str) -> str:
        """Start a server, and return what it says until it is ready."""
        log = self.home / f"serve-{len(self.servers)}.log"
        with log.open("w") as file:
            server = subprocess.Popen(
                ["bash", "-c", f"exec {command} -- --port {self.port}"],
                cwd=self.folder,
                env=self.variables,
                stdout=file,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        self.servers.append(server)
        wait_until_ready(self.address, log.read_text)
        deadline = time.monotonic() + 300
        while READY not in log.read_text():
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        return log.read_text()

    def close(self) -> None:
        """End the servers; a page that starts one stops it too."""
        for server in self.servers:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGTERM)
            server.wait(300)


def compare(told: list[str], output: str) -> None:
    """Find the lines of a page among those of a command, in order.

    Three dots stand for anything. Another machine's libraries may move the last digits of a figure.
    """
    lines = iter(output.splitlines())
    for line in told:
        parts = [re.escape(part) for part in line.split("...")]
        pattern = re.sub(r"(\\-)?\d+\\\.\d+", lambda _: f"({NUMBER})", ".*".join(parts))
        figures = [float(number) for number in re.findall(NUMBER, line)]
        for found in (re.fullmatch(pattern, one.strip()) for one in lines):
            if found and all(map(near, map(float, found.groups()), figures)):
                break
        else:
            raise AssertionError(f"{line!r} is not in:\n{output}")


def near(one: float, other: float) -> bool:
    """Say whether two figures are about the same."""
    return math.isclose(one, other, rel_tol=0.05)
