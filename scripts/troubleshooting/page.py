"""Writes docs/troubleshooting.md from the list of messages."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

from scripts.troubleshooting.entries import LIST, Entry, Section, Symptom, sections, symptoms

PAGE = LIST.with_suffix(".md")
WIDTH = 100

HEAD = """\
<!-- Written by python -m scripts.troubleshooting: edit docs/troubleshooting/, not this page. -->
# Troubleshooting

Every message of a failure says what is wrong, where, and what to do next. This page adds why.
Search it for words of the message: `...` stands for what differs, such as a name or a number.

Messages are found at the end of what a session prints, in the log of a container, in the first line
of `output/failure` after a training (`.mldock/output/failure` here), and in the `error` of an
answer to a request. `-e LOGS_LEVEL DEBUG` says more.
"""


def page() -> str:
    """Return the page."""
    parts = sections()
    anchors = {
        message: entry.anchor
        for part in parts
        for entry in part.entries
        for message in entry.messages
    }
    doing = " · ".join(map(link, parts))
    lines = [HEAD, wrapped(f"[Start here](#start-here), or with what you were doing: {doing}"), ""]
    lines += ["## Start here", ""]
    for symptom in symptoms():
        lines += [*start(symptom, anchors), ""]
    for part in parts:
        lines += [f"## {part.title}", ""]
        for entry in part.entries:
            lines += [*told(entry), ""]
    return "\n".join(lines).rstrip() + "\n"


def start(symptom: Symptom, anchors: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of a symptom."""
    yield f"### {symptom.title}"
    yield ""
    yield wrapped(symptom.look)
    yield ""
    for message in symptom.messages:
        yield f"- [{code(message)}](#{anchors[message]})"


def told(entry: Entry) -> Iterator[str]:
    """Yield the lines of an entry: each message on a line of its own."""
    yield f'<a id="{entry.anchor}"></a>'
    yield "<br>\n".join(f"**{code(message)}**" for message in entry.messages)
    yield ""
    yield wrapped(f"*{entry.where}*: {entry.cause}")
    yield ""
    yield wrapped(f"→ {entry.remedy}")


def wrapped(text: str) -> str:
    """Return a paragraph in lines."""
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def code(message: str) -> str:
    """Write a message as code; one that has backticks itself is put into two."""
    return f"`` {message} ``" if "`" in message else f"`{message}`"


def link(section: Section) -> str:
    """Return a link to a section, whose anchor both GitHub and mkdocs make of the title."""
    kept = "".join(c for c in section.title.lower() if c.isalnum() or c in " -_")
    return f"[{section.title}](#{kept.replace(' ', '-')})"
