"""Make the picture of the README from a real run of its first commands: `nox -s picture`.

The commands are typed into terminals, in a folder that stands for somebody's home: `~` is written
where its path is printed. `gh:org/mldock-templates` is answered by this repository's own commits.
Enter is pressed at each question. Lines that there is no room for leave a mark, and so do the ends
of long ones; waits are shortened; nothing else is changed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from scripts.terminal import steps, svg, truth

ROOT = Path(__file__).absolute().parents[2]
PICTURE = ROOT / "docs" / "images" / "terminal.svg"
ADDRESS = "https://github.com/org/mldock-templates.git"
TITLE = "A terminal: a project is made, trained, served and asked with four commands."


def main() -> int:
    """Write the picture; with --check, 0 if the one that is there would be made again."""
    parser = argparse.ArgumentParser(prog="nox -s picture --", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    parser.add_argument("--source", type=Path, default=ROOT, help="of the templates (this one)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lines = steps.perform(Path(folder), variables(Path(folder), options.source.absolute()))
    text = svg.draw(lines, TITLE)
    if not options.check:
        PICTURE.write_text(text, encoding="utf-8")
        print(f"{PICTURE.relative_to(ROOT)}: {len(lines)} lines, {len(text.encode()) / 1e3:.0f} kB")
        return 0
    told = truth.differences(svg.read(PICTURE.read_text("utf-8")), svg.read(text))
    print(told or "The picture shows what is printed.")
    return int(bool(told))


def variables(home: Path, source: Path) -> dict[str, str]:
    """Return the environment of a person who has pipx and git, and nothing of this session."""
    (home / "bin").mkdir()
    pipx = shutil.which("pipx")
    if not pipx:
        sys.exit("pipx cannot be found on PATH. Run this as: nox -s picture")
    (home / "bin" / "pipx").symlink_to(pipx)
    # Where this session's own programs lie is no folder of a person's PATH.
    own = str(Path(sys.executable).parent)
    paths = [path for path in os.environ["PATH"].split(os.pathsep) if path != own]
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GIT_", "NOX", "PYTHON", "VIRTUAL_ENV"))
    }
    return {
        **kept,
        "HOME": str(home),
        "PATH": os.pathsep.join([str(home / "bin"), *paths]),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_DATA_HOME": str(home / ".local/share"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{source.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": ADDRESS,
    }


if __name__ == "__main__":
    sys.exit(main())
