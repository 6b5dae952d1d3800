"""`templates/README.md`: a table of all templates, and a section for each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

START, END = "<!-- templates -->\n", "<!-- end of templates -->\n"
SECTION = re.compile(
    r"<!-- template: (?P<name>\S+) -->\n.*?<!-- end of template: (?P=name) -->\n", re.DOTALL
)


def sections(text: str) -> dict[str, str]:
    """Return the section of each template, with its marks."""
    return {found["name"]: found[0] for found in SECTION.finditer(text)}


def with_section(text: str, name: str, section: str) -> str:
    """Return the page with the section of a template, in place of the one it has."""
    there = sections(text)
    if name in there:
        return text.replace(there[name], section)
    return f"{text.rstrip()}\n\n{section}"


def with_table(text: str, descriptions: Iterable[Mapping[str, Any]]) -> str:
    """Return the page with a line for each template in its table, between two marks."""
    lines = [
        f"| [{entry['name']}](#{entry['name']}) | {cell(entry['title'])} "
        f"| {cell(entry['predicts'])} |\n"
        for entry in sorted(descriptions, key=lambda entry: str(entry["name"]))
    ]
    table = "".join(["| name | title | predicts |\n", "|---|---|---|\n", *lines])
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    return f"{before}{START}{table}{END}{after}" if start and end else text


def cell(text: object) -> str:
    """Return a text for a cell of a table."""
    return str(text).replace("|", "\\|").replace("\n", " ")
