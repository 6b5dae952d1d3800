"""Merging: what an owner wrote arrives in the source, and the conditions stay."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from extensions.inheriting.merging import merges

CONDITION = """\
# {{ name }}

first
{%- if s3 %}
second
third
{%- endif %}

last
"""
RENDERED = "# {{ name }}\n\nfirst\nsecond\nthird\n\nlast\n"

environment = Environment(keep_trailing_newline=True)


def merged(source: str, base: str, theirs: str) -> tuple[str, int]:
    """Return the merge that is best, which has to render to what the owner wrote."""
    found = next(iter(merges(source, base, theirs)))
    return found.text, found.conflicts


def check(source: str, base: str, theirs: str, without: str) -> int:
    """Assert that a merge gives the owner's text, and another where the condition is false."""
    text, conflicts = merged(source, base, theirs)
    template = environment.from_string(text)
    assert template.render(name="{{ name }}", s3=True) == theirs
    assert template.render(name="{{ name }}", s3=False) == without
    return conflicts


def test_edit_beside_a_condition() -> None:
    """A line before, in or after a condition is changed; that is no conflict."""
    for old, new in (("first", "1st"), ("second", "2nd"), ("third", "3rd"), ("last", "end")):
        theirs = RENDERED.replace(old, new)
        without = "# {{ name }}\n\nfirst\n\nlast\n".replace(old, new)
        assert check(CONDITION, RENDERED, theirs, without) == 0


def test_lines_added_at_a_condition() -> None:
    """New lines at the edge of a condition are under none."""
    before = RENDERED.replace("first\n", "first\nnew\n")
    assert check(CONDITION, RENDERED, before, "# {{ name }}\n\nfirst\nnew\n\nlast\n") == 0
    after = RENDERED.replace("third\n", "third\nnew\n")
    assert check(CONDITION, RENDERED, after, "# {{ name }}\n\nfirst\nnew\n\nlast\n") == 0


def test_lines_added_at_the_end() -> None:
    """A requirement after the last condition is under none."""
    source = "numpy\n{%- if s3 %}\nboto3\n{%- endif %}\n{%- if not s3 %}\nlocal\n{%- endif %}\n"
    assert (
        check(source, "numpy\nboto3\n", "numpy\nboto3\nxgboost\n", "numpy\nxgboost\nlocal\n") == 0
    )


def test_condition_is_empty() -> None:
    """All lines under a condition are deleted."""
    theirs = RENDERED.replace("second\nthird\n", "")
    assert check(CONDITION, RENDERED, theirs, theirs) == 0


def test_whole_condition_in_a_conflict() -> None:
    """Where a new text spans one half of a condition, the other half goes too."""
    source = "a\nb\n{% if s3 -%}\nc\nd\n{% endif -%}\ne {{ name }}\nf\n"
    base = "a\nb\nc\nd\ne\nf\n"
    theirs = "a\nB and C\nd\ne\nf\n"
    text, conflicts = merged(source, base, theirs)
    assert conflicts == 1
    assert text == "a\nB and C\nd\ne {{ name }}\nf\n" or text == "a\nB and C\nd\ne\nf\n"


def test_conflict() -> None:
    """Lines that an expression stands for are the owner's, once the owner has changed them."""
    source = '{\n  "values": {{ values }},\n\n  "stage": {{ stage }}\n}\n'
    base = '{\n  "values": {\n    "epochs": 3\n  },\n\n  "stage": "dev"\n}\n'
    theirs = base.replace("3", "20")
    text, conflicts = merged(source, base, theirs)
    assert text == theirs.replace('"dev"', "{{ stage }}")
    assert conflicts == 1


words = st.sampled_from(["a\n", "b\n", "c\n", "d\n"])
# A dash in a tag takes a blank line away, so that such a merge may fail.
filled = st.lists(words, max_size=12).map("".join)
# Where a line repeats, no one can tell which of them the source has under its condition.
distinct = st.lists(st.sampled_from([f"{letter}\n" for letter in "abcdefgh"]), unique=True)
lines = st.lists(words | st.just("\n"), max_size=12).map("".join)


@given(lines, lines)
def test_one_side(base: str, theirs: str) -> None:
    """A text that one side has changed is that side's."""
    assert merged(base, base, theirs) == (theirs, 0)
    assert merged(theirs, base, base) == (theirs, 0)
    assert merged(theirs, base, theirs)[0] == theirs or base == theirs


@given(distinct.map("".join), filled, st.integers(0, 12), st.integers(0, 12))
def test_condition_around_any_lines(base: str, theirs: str, start: int, end: int) -> None:
    """Whatever the owner did to lines, some of them under a condition, is there again."""
    parts = base.splitlines(keepends=True)
    start, end = sorted((min(start, len(parts)), min(end, len(parts))))
    tagged = ["{% if s3 -%}\n", *parts[start:end], "{% endif -%}\n"]
    source = "".join([*parts[:start], *tagged, *parts[end:]])
    found = [environment.from_string(merge.text) for merge in merges(source, base, theirs)]
    assert theirs in [template.render(s3=True) for template in found]
