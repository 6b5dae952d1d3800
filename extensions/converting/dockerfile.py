"""What the Dockerfile of an old project says that its new one should know."""

from __future__ import annotations

import re

from extensions.converting.notes import Notes, names
from extensions.converting.old import OldProject

INSTALL = re.compile(r"apt(?:-get)?[ \t]+(?:-\S+[ \t]+)*install((?:[ \t]+[^\s;&|]+)+)")
VERSION = re.compile(r"^FROM\s+(?:\S*/)?python:(3\.1[0-4])\b", re.MULTILINE)

# What mldock's own templates install.
USUAL = {"build-essential", "ca-certificates", "g++", "git", "nginx", "python3-dev", "wget"}


def tell(old: OldProject, notes: Notes) -> None:
    """Tell what the old image had besides."""
    found = sorted(
        {
            word
            for command in INSTALL.findall(text_of(old))
            for word in command.split()
            if not word.startswith("-") and word not in USUAL
        }
    )
    if found:
        notes.must.append(
            f"src/container/Dockerfile: the old image had {names(found)}. Add what your "
            "model needs to the `apt-get install` of the last stage."
        )


def python_of(old: OldProject) -> str | None:
    """Return the Python of the old image, if the templates have it."""
    match = VERSION.search(text_of(old))
    return match[1] if match else None


def text_of(old: OldProject) -> str:
    """Return the Dockerfile, with commands in one line each."""
    file = old.files.get(f"{old.container}/Dockerfile")
    return re.sub(r"\\\r?\n", " ", (file.text if file else None) or "")
