"""A kubectl that records how it is called, and prints what a test has prepared.

The cluster alone is missing: kustomize is the real one, and `check` has the real kubectl read each
call. No package has an API server that kubectl could apply to.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCRIPT = """#!{python}
import json, os, sys
from pathlib import Path

folder, real, arguments = Path({folder!r}), {real!r}, sys.argv[1:]
if "kustomize" in arguments:
    os.execv(real, [real, *arguments])
given = sys.stdin.read() if "--filename=-" in arguments else ""
with (folder / "calls").open("a") as calls:
    calls.write(json.dumps([arguments, given]) + "\\n")
line = " ".join(arguments)
for path in sorted(folder.glob("*.answer")):
    answer = json.loads(path.read_text())
    if answer["to"] in line:
        if answer["once"]:
            path.unlink()
        print(answer["said"], end="")
        print(answer["told"], end="", file=sys.stderr)
        sys.exit(answer["code"])
"""


@dataclass
class Recorder:
    """The folder of such a kubectl."""

    folder: Path
    answers: int = 0

    def install(self, real: Path) -> None:
        """Write the command."""
        script = SCRIPT.format(python=sys.executable, folder=str(self.folder), real=str(real))
        (self.folder / "kubectl").write_text(script, "utf-8")
        (self.folder / "kubectl").chmod(0o755)

    def answer(
        self, to: str, said: object = "", told: str = "", code: int = 0, once: bool = False
    ) -> None:
        """Lay an answer ready for calls that contain a text; the first that fits is given."""
        text = said if isinstance(said, str) else json.dumps(said)
        content = {"to": to, "said": text, "told": told, "code": code, "once": once}
        (self.folder / f"{self.answers:03}.answer").write_text(json.dumps(content), "utf-8")
        self.answers += 1

    def calls(self, verb: str = "") -> list[list[str]]:
        """Return the calls, without the place where they went."""
        return [arguments[2:] for arguments, _ in self.notes() if not verb or verb in arguments]

    def places(self) -> set[tuple[str, ...]]:
        """Return the clusters and namespaces that were called."""
        return {tuple(arguments[:2]) for arguments, _ in self.notes()}

    def check(self, real: Path) -> None:
        """Let the real kubectl refuse every call for its context alone, after reading all of it."""
        distinct = {tuple(arguments) for arguments, _ in self.notes()}
        for arguments in distinct:
            result = subprocess.run(
                [str(real), *arguments],
                env={**os.environ, "KUBECONFIG": os.devnull},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
            )
            assert 'context "harbour" does not exist' in result.stderr, result.stderr

    def applied(self) -> str:
        """Return what was applied."""
        (given,) = [given for _, given in self.notes() if given]
        return str(given)

    def notes(self) -> list[Any]:
        """Return all calls, each with what it was given."""
        path = self.folder / "calls"
        lines = path.read_text("utf-8").splitlines() if path.is_file() else []
        return [json.loads(line) for line in lines]
