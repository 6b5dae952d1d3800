"""What a project says about its runtime, the package `mldock`: a line that no template may keep.

The line names the commit that the project was made from. A new project has one of its own, so in
each template the line is the answer to the hidden question `runtime`, as in the built-in ones.
"""

from __future__ import annotations

import re

from extensions.model import File, Tree

QUESTION = "runtime"
REQUIREMENTS = "src/container/requirements.txt"
LINE = re.compile(r"^mldock-runtime(?: @ \S|[=<>~])[^\r\n]*", re.MULTILINE)
# Where a project has no such line, each rendering is to have the same.
NONE = "mldock-runtime==0"
WHEEL = re.compile(r"wheels/[^/]+/mldock_runtime-[^/]+\.whl")


def runtime_answer(files: Tree) -> dict[str, str]:
    """Return the answer with which the templates give the project's own line."""
    found = LINE.search(files.get(REQUIREMENTS, File()).text or "")
    return {QUESTION: found[0] if found else NONE}


def without_wheel(files: Tree) -> dict[str, File]:
    """Return the files without the wheel that a project makes of that line."""
    return {path: file for path, file in files.items() if not WHEEL.fullmatch(path)}
