"""Writes the generated pages and pictures of docs/, then builds the site: `nox -s docs`.

`-- serve` shows it at http://127.0.0.1:8000 instead, and follows each edit.
"""

from __future__ import annotations

import os
import subprocess
import sys

from scripts.docs import configuration, pictures


def main() -> int:
    """Let mkdocs do what the command line says; without a word, a strict build."""
    for path, text in {configuration.PAGE: configuration.page(), **pictures.files()}.items():
        path.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "mkdocs", *(sys.argv[1:] or ["build", "--strict"])]
    # Another product of its makers is advertised at each start.
    return subprocess.run(command, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}).returncode


if __name__ == "__main__":
    sys.exit(main())
