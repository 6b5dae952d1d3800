"""Write src/requirements.lock: the exact versions for every Python, system and processor."""

from __future__ import annotations

import shutil
import subprocess

from tools import options
from tools.environment import BIN, LOCK, ROOT
from tools.workspace import command

HEADER = "# Written by nox -s lock: exact versions of all that the two requirements.txt ask for.\n"


def main() -> int:
    """Run uv; `-- --upgrade` takes newer versions than those in the file."""
    parser = options.parser("lock", __doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    upgrade = ["--upgrade"] if parser.parse_args().upgrade else []
    uv = shutil.which("uv") or str(BIN / "uv")
    compile_ = [uv, "pip", "compile", "--quiet", "--universal", "--python-version", "3.10"]
    files = ["src/requirements.txt", "src/container/requirements.txt", "--output-file", LOCK]
    plain = ["--no-annotate", "--no-header"]
    if "torch-backend" in (ROOT / "pyproject.toml").read_text(encoding="utf-8"):
        # Versions of that index say for which processor they are, and other systems lack them.
        plain.append("--no-config")
    code = subprocess.run([*compile_, *upgrade, *plain, *files], cwd=ROOT).returncode
    if code == 0:
        path = ROOT / LOCK
        path.write_text(HEADER + path.read_text(encoding="utf-8"), encoding="utf-8")
    return code


if __name__ == "__main__":
    command(main)
