"""Whether the line of a literal names the parameter that it is to become."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from extensions.model import Value


def named_starts(value: Value, line: str, starts: Sequence[int]) -> set[int]:
    """Return which of a literal's places in a line are its parameter's.

    Of several in one line it is the first after each time that the line has the name, or the
    last before it if none follows: `dict(patience=20, epochs=20)`.

    Args:
        value: The parameter; its name may be written in any form, such as `--batch-size`.
        line: The line, or the path of a file.
        starts: Where the literal stands in it, in their order.

    """
    names = [found.span() for found in _pattern(value.name).finditer(line)]
    if not names:
        return set()
    if len(starts) == 1:
        return set(starts)
    followers = (_first(starts, end) for _, end in names)
    after = {start for start in followers if start is not None}
    return after or {starts[-1]}


def _first(starts: Iterable[int], least: int) -> int | None:
    return next((start for start in starts if start >= least), None)


@cache
def _pattern(name: str) -> re.Pattern[str]:
    words = "[-_ ]?".join(re.escape(word) for word in name.split("_") if word)
    # `n_epochs` and `epochs-left` are other names.
    return re.compile(rf"(?<!\w)(?<!\w-){words}(?!\w)(?!-\w)", re.IGNORECASE)
