"""src/requirements.txt of the new project, and its exact versions."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from extensions.converting.notes import Notes, names

NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")

# They are what mldock was made of. The container has its own server.
REPLACED = {"fastapi", "flask", "gevent", "gunicorn", "mldock", "starlette", "uvicorn"}


def requirements(old: str, fresh: str, container: str, notes: Notes) -> str:
    """Return the old requirements, with those of a fresh project that the storage needs.

    Args:
        old: Those of the old project.
        fresh: Those of a fresh one.
        container: Those of the container itself.
        notes: Are told what is not carried.

    """
    own = {name_of(line) for line in container.splitlines()} - {""}
    lines, replaced, present = [], [], set()
    for line in old.splitlines():
        name = name_of(line)
        if name in REPLACED:
            replaced.append(line.strip())
        elif name in own:
            if line.strip() != name:
                notes.adapted.append(
                    f"src/requirements.txt: {line.strip()} is {name}, with the container's version."
                )
            lines.append(name)
        else:
            lines.append(line.rstrip())
        present.add(name)
    if replaced:
        notes.left.append(f"requirements {names(replaced)}: the container brings its own server")
    head, *rest = fresh.splitlines()
    # numpy is what the example needs, and the container brings it.
    kept = [line for line in rest if (name := name_of(line)) not in present and name != "numpy"]
    return "\n".join([head, *lines, *kept]).rstrip("\n") + "\n"


def name_of(line: str) -> str:
    """Return the name of a requirement as all spellings of it are compared; empty if it is none."""
    match = NAME.match(line)
    return re.sub(r"[-_.]+", "-", match[1]).lower() if match else ""


def is_locked(lines: str, lock: str) -> bool:
    """Say whether a lock holds for requirements: it has them all, and they leave the versions."""
    known = {name_of(line) for line in lock.splitlines()}
    asked = [line.partition("#")[0].strip() for line in lines.splitlines()]
    return all(name_of(line) in known and name_of(line) == line.lower() for line in asked if line)


def lock(root: Path, notes: Notes) -> None:
    """Choose exact versions of what src/requirements.txt asks for."""
    # As `nox -s lock` of the project does, which needs an environment of its own.
    paths = [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    result = subprocess.run(
        [sys.executable, "-m", "tools.lock"],
        cwd=root,
        env={
            **os.environ,
            "PATH": os.pathsep.join(paths),
            "PYTHONPATH": os.pathsep.join([str(root), str(root / "src")]),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if result.returncode:
        said = " ".join(result.stdout.split())
        notes.must.append(
            f"src/requirements.txt: no versions go together ({said[-400:]}). Take out what is "
            "older than Python 3.10, then: nox -s lock"
        )
    else:
        notes.adapted.append("src/requirements.lock has the newest versions that go together.")
