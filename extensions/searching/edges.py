"""Where a form in a text is a word of its own, and not a part of a longer one."""

from __future__ import annotations

from extensions.searching.words import is_number

# What a backslash before them makes no letter: `\nchurn`, `\bchurn\b`.
_ESCAPES = "abfnrtvBAZ"


def stands_alone(text: str, start: int, end: int) -> bool:
    """Say whether no letter or digit goes on with what stands between start and end.

    A hump is an edge too: `ChurnModel` in `myChurnModelTest`, `churn` in `churnModel`.
    """
    form = text[start:end]
    before, after = text[start - 1 : start], text[end : end + 1]
    if is_number(form) and _in_number(text, start, end):
        return False
    is_camel = form.isalnum() and form[0].isupper() and not form.isupper()
    starts = not before.isalnum() or _is_escaped(text, start - 1)
    ends = not after.isalnum()
    starts_at_hump = is_camel and (before.islower() or before.isdigit())
    ends_at_hump = after.isupper() and (is_camel or form[-1].islower())
    return (starts or starts_at_hump) and (ends or ends_at_hump)


def _is_escaped(text: str, position: int) -> bool:
    """Say whether a letter is the end of an escape, such as the n of a line end."""
    if text[position] not in _ESCAPES:
        return False
    first = position
    while first and text[first - 1] == "\\":
        first -= 1
    return (position - first) % 2 == 1


def _in_number(text: str, start: int, end: int) -> bool:
    """Say whether digits go on after a dot or an underscore: 20 in 1.20 and 20_000."""
    before, after = text[max(start - 2, 0) : start], text[end : end + 2]
    return (len(before) == 2 and before[1] in "._" and before[0].isdigit()) or (
        len(after) == 2 and after[0] in "._" and after[1].isdigit()
    )
