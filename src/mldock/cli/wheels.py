"""Download all that the project requires into wheels/, for machines that reach no index."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from mldock.cli import options
from mldock.cli.environment import IMAGE_REQUIREMENTS, LOCK, ROOT, find_uv, wait_for
from mldock.cli.lock import write_override
from mldock.project import read_project

# Debian 12 has this version of the C library, later ones a later.
GLIBC = 36


def main() -> int:
    """Download what is installed here, and what the image installs."""
    parser = options.parser(
        "wheels",
        "Build mldock-runtime into wheels/, where it has to be built.",
        "--all",
        "--check",
    )
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument(
        "--all",
        action="store_true",
        help="download all other requirements too, for machines that reach no package index",
    )
    choice.add_argument(
        "--check", action="store_true", help="build it again, and compare it byte by byte"
    )
    if parser.parse_args().check:
        # By what is compared? The noxfile builds it.
        sys.exit("mldock cannot check itself. Use: nox -s wheels -- --check")
    required, target = for_image()
    return download(pins("freeze"), indexes(required)) or download(
        required, [*indexes(required), *target]
    )


def for_image() -> tuple[str, list[str]]:
    """Return the versions in the image, and what pip has to know of its platform."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(name := platform.machine().lower(), name)
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    version = read_project(ROOT / "mldock.json").python_version or here
    with tempfile.TemporaryDirectory() as folder:
        override = write_override(Path(folder, "override.txt"))
        target = [
            "--python-platform",
            f"{machine}-manylinux_2_{GLIBC}",
            "--python-version",
            version,
        ]
        files = [*IMAGE_REQUIREMENTS, "--constraints", LOCK, "--overrides", str(override)]
        required = pins(
            "compile",
            "--quiet",
            "--no-annotate",
            "--no-header",
            "--emit-index-annotation",
            *target,
            *files,
        )
    # pip takes them as they are, and does not know which others go with them.
    tags = [f"manylinux_2_{minor}_{machine}" for minor in range(GLIBC, 4, -1)]
    tags += [f"manylinux{year}_{machine}" for year in ("2014", "2010", "1")]
    platforms = [f"--platform={tag}" for tag in tags]
    return required, ["--only-binary=:all:", f"--python-version={version}", *platforms]


def pins(command: str, *arguments: str) -> str:
    """Return the versions that a command of uv pip prints, without those that have an address."""
    python = ["--python", sys.executable] if command == "freeze" else []
    process = subprocess.run(
        [find_uv(), "pip", command, *python, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    if process.returncode:
        sys.exit(process.returncode)
    return "".join(f"{line}\n" for line in process.stdout.splitlines() if " @ " not in line)


def indexes(required: str) -> list[str]:
    """Return pip's options for the indexes that uv knows of itself: torch has one for the CPU."""
    if "+cpu" not in required:
        return []
    found = dict.fromkeys(re.findall(r"(?m)^\s+# from (\S+)$", required))
    return [f"--extra-index-url={url}" for url in found]


def download(required: str, options: list[str]) -> int:
    """Run pip, which uv has no command for; return its exit code."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "requirements.txt")
        file.write_text(required, encoding="utf-8")
        return wait_for(
            *(find_uv(), "tool", "run", "--python", sys.executable, "pip", "download", "--quiet"),
            *("--no-deps", "--dest", "wheels", "--find-links", "wheels"),
            *options,
            *("--requirement", str(file)),
        )
