"""Carries parameters through a merge with the parent's sources, which know nothing of them.

A literal that becomes a question is no text of the parent any more, though it stands there as the
parent has written it. So a mark takes its place while sources are merged, and then the variable the
place of the mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from extensions.model import File, Site, Tree
from extensions.proving.substitution import substitute

# Characters for private use; a file that has them keeps its literals.
START, END = "\ue0f0", "\ue0f1"
MARK = re.compile(rf"(\{{?){START}(\w+){END}")
RAW = re.compile(r"\{%-?\s*raw\b.*?endraw\s*-?%\}", re.DOTALL)


def marked(files: Tree, sites: Iterable[Site]) -> dict[str, File]:
    """Return the files with a mark in the place of each literal that becomes a question."""
    chosen = dict(files)
    for path, there in literals(files, sites).items():
        marks = {site.form.variable: f"{START}{site.form.variable}{END}" for site in there}
        chosen[path] = substitute(files[path], there, marks)
    return chosen


def literals(files: Tree, sites: Iterable[Site]) -> dict[str, list[Site]]:
    """Return by file the sites in it that become questions of their own."""
    found: dict[str, list[Site]] = {}
    for site in sites:
        is_literal = site.form.value.is_parameter and site.status.is_substituted
        if is_literal and not site.in_name and START not in (files[site.path].text or START):
            found.setdefault(site.path, []).append(site)
    return found


def unmarked(sources: Tree) -> dict[str, File]:
    """Return the sources with variables in the place of the marks."""
    return {path: without_marks(file) for path, file in sources.items()}


def without_marks(file: File) -> File:
    """Return a source with variables in the place of its marks."""
    text = file.text
    if text is None or START not in text:
        return file
    # Jinja reads nothing in a raw block, so the block ends before a mark and goes on after it.
    text = RAW.sub(
        lambda raw: MARK.sub(r"\1{% endraw %}" + START + r"\2" + END + "{% raw %}", raw[0]), text
    )
    return replace(file, content=MARK.sub(variable, text).encode())


def variable(mark: re.Match[str]) -> str:
    """Return the variable of a mark; a brace before it would be read as a part of it."""
    brace = "{{ '{' }}" if mark[1] else ""
    return f"{brace}{{{{ {mark[2]} }}}}"
