"""Puts what a source includes into it, so that an edit of any line can be merged."""

from __future__ import annotations

import re

from jinja2 import Environment, TemplateError, nodes

from extensions.inheriting.sources import Parent

INCLUDE = re.compile(
    r"""\{%(?P<before>[-+]?)\s*include\s+(?P<quote>["'])(?P<name>[^"'\\]+)(?P=quote)\s*"""
    r"(?P<after>[-+]?)%\}"
)
# A name that is set in an included file is unknown outside of it.
NO_PART = (
    nodes.Assign,
    nodes.AssignBlock,
    nodes.Block,
    nodes.Extends,
    nodes.FromImport,
    nodes.Import,
    nodes.Macro,
)
# Renders to nothing, and no dash takes blanks away across it.
BARRIER = "{# #}"

OPENS = re.compile(r"\s*(\{[{%#])-")
CLOSES = re.compile(r"-([}%#]\})\s*\Z")


def inlined(parent: Parent, text: str) -> str:
    """Return a source that renders to the same with any answers and includes nothing.

    If one of its includes cannot be put in, it stays as it is.
    """
    includes = list(INCLUDE.finditer(text))
    if not includes or len(includes) != count_includes(parent.environment, text):
        return text
    bodies = [inlined(parent, parent.text(match["name"])) for match in includes]
    if not all(is_part(parent.environment, body) for body in bodies):
        return text
    edges = [0, *(edge for match in includes for edge in match.span()), len(text)]
    texts = [text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
    for number, match in enumerate(includes):
        before, after = texts[number], texts[number + 1]
        body = bare(parent.environment, bodies[number]) or BARRIER
        # A dash must find what it stops at before it comes to another included text.
        stops = (number == 0 or before.strip(), number == len(includes) - 1 or after.strip())
        before, body = join_before(before, body, match["before"] == "-", bool(stops[0]))
        is_tag = ends_in_tag(parent.environment, body)
        body, after = join_after(body, after, match["after"] == "-", is_tag and bool(stops[1]))
        texts[number], texts[number + 1], bodies[number] = before, after, body
    pairs = zip(texts, [*bodies, ""], strict=True)
    return "".join(text + body for text, body in pairs)


def join_before(before: str, body: str, strips: bool, stops: bool) -> tuple[str, str]:
    """Return a text and what comes after it, so that both render as with an include between."""
    if strips and stops and body.startswith(("{%", "{{")):
        # The tag takes the blanks away as the include did, and stands on a line of its own.
        return before, f"{body[:2]}-{body[2:].removeprefix('-')}"
    before = before.rstrip() if strips else before
    if body[:1].isspace() and CLOSES.search(before):
        before += BARRIER
    return before, body


def join_after(body: str, after: str, strips: bool, stops: bool) -> tuple[str, str]:
    """Return a text and what comes after it, so that both render as with an include between."""
    if strips and stops:
        return f"{body[:-2]}-{body[-2:]}", after
    after = after.lstrip() if strips else after
    if body[-1:].isspace():
        # A dash that stopped at the include must not reach the body.
        after = OPENS.sub(r"\1", after, count=1) if OPENS.match(after) else after
    return body, after


def bare(environment: Environment, text: str) -> str:
    """Return a source without the dashes and blanks at its edges that change nothing in it."""
    if opened := OPENS.match(text):
        text = opened[1] + text[opened.end() :]
    if CLOSES.search(text) and last_token(environment, text).endswith("_end"):
        text = CLOSES.sub(r"\1", text)
    return text


def ends_in_tag(environment: Environment, text: str) -> bool:
    """Say whether the last thing in a source is a tag."""
    return text.endswith("}") and last_token(environment, text).endswith("_end")


def last_token(environment: Environment, text: str) -> str:
    """Return the kind of the last token of a source."""
    return list(environment.lex(text))[-1][1]


def count_includes(environment: Environment, text: str) -> int:
    """Count the includes of a source; one in a comment or in a raw block is none."""
    try:
        return len(list(environment.parse(text).find_all(nodes.Include)))
    except TemplateError:
        return 0


def is_part(environment: Environment, text: str) -> bool:
    """Say whether an included text means the same where it is included."""
    try:
        return not any(environment.parse(text).find_all(NO_PART))
    except TemplateError:
        return False
