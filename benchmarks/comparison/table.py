"""What was found as a table in Markdown: a row for each question, a column for each product."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.comparison import mistakes


def table(results: Sequence[dict[str, Any]]) -> str:
    """Return the tables: what is counted, and what each mistake was answered with."""
    titles = [one["title"] for one in results]
    rows = {
        "packages to serve": [f"{one['packages']}" for one in results],
        "their size, MB": [f"{one['megabytes']:.0f}" for one in results],
        "lines of code": [f"{one['lines']}" for one in results],
        "mistakes named by row and field": [
            f"{mistakes.count(told)} of {len(told)}" if (told := one["mistakes"]) else ""
            for one in results
        ],
        "workers killed, replaced": [
            f"{one['deaths']['killed']}, {one['deaths']['replaced']}" for one in results
        ],
        "requests": [f"{one['deaths']['requests']:,}" for one in results],
        "requests lost": [f"{one['deaths']['lost']:,}" for one in results],
        **{
            mistake: [one["mistakes"].get(mistake, "") for one in results]
            for mistake in mistakes.MISTAKES
        },
    }
    lines = [f"| | {' | '.join(titles)} |", f"| :-- |{' --: |' * len(titles)}"]
    lines += [f"| {question} | {' | '.join(cells)} |" for question, cells in rows.items()]
    return "\n".join(lines)
