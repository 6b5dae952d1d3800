"""The table against others: each figure is one that a command has printed."""

from __future__ import annotations

import re

import pytest

from benchmarks.comparison import footprint, mistakes
from benchmarks.comparison.products import PRODUCTS, TYPED
from tests.project import ROOT
from tests.readme import page

DOCS = ROOT / "docs"
# Of several settings, the one that answers most.
SERVED = [
    "this repository",
    "BentoML, batched",
    None,
    "MLflow",
    "MLServer, batched",
    "FastAPI, pydantic",
]
NONE = ("not measured", "one at a time")


@pytest.mark.parametrize(
    ("question", "shape", "column"),
    [
        ("requests a second, 64 clients", "1 row, concurrency 64", "requests/s"),
        ("99 of 100 answered within, ms", "1 row, concurrency 64", "p99 ms"),
        ("seconds until it is ready", "", "seconds to ready"),
        ("memory, MB", "", "MB"),
    ],
)
def test_serving(question: str, shape: str, column: str) -> None:
    """A figure of speed is that of the random forest in docs/benchmarks-serving.md."""
    forest = (DOCS / "benchmarks-serving.md").read_text("utf-8").split("\n## ")[1]
    measured = table_of(forest, shape)
    place = measured[shape].index(column)

    expected = [measured[name][place] if name else None for name in SERVED]

    for cell, figure in zip(page.table()[question], expected, strict=True):
        if figure is None:
            assert cell in NONE
        else:
            # Rounded to as many digits as are shown.
            digits = len(cell.partition(".")[2])
            assert number_in(cell) == round(number_in(figure), digits)


def test_comparison() -> None:
    """What is counted is what `nox -s bench -- comparison` has printed, in docs/peers.md."""
    printed = table_of((DOCS / "peers.md").read_text("utf-8"), "")
    shown = page.table()

    assert printed[""] == [product.title for product in PRODUCTS]
    for question, told in {
        "requests lost when 20 workers die": "requests lost",
        "mistakes told by row and field": "mistakes named by row and field",
        "lines of code of a typed model": "lines of code",
        "packages to install": "packages to serve",
        "their size, MB": "their size, MB",
    }.items():
        expected = printed[told]
        if question.startswith(("requests", "mistakes")):
            # Cog does not go on after the first death, and was not asked wrong questions.
            cog = "all after the first" if question.startswith("requests") else "not measured"
            expected = [*expected[:2], cog, *expected[3:]]
        assert shown[question] == expected
    assert printed["workers killed, replaced"] == ["20, 20", "20, 20", "1, 0", *["20, 20"] * 3]


def test_lines_of_code() -> None:
    """They are counted again, as the files are now."""
    counted = [str(footprint.lines_of_code(TYPED / product.file)) for product in PRODUCTS]

    assert page.table()["lines of code of a typed model"] == counted


def test_each_answer_in_words_has_its_source() -> None:
    """A row without a figure is in docs/peers.md, with what each product has in its place."""
    sources = table_of((DOCS / "peers.md").read_text("utf-8").split("\n## ")[3], "")
    words = [row for row, cells in page.table().items() if not any(map(is_figure, cells))]

    # Both tables begin with the names and a line of dashes.
    assert words[0] == "one model, served by"
    assert len(words) == len(sources) == 2 + 4
    assert all(cells[0] and len(cells) == len(PRODUCTS) for cells in sources.values())


@pytest.mark.parametrize(
    ("answer", "counts"),
    [
        ("422: row and field", 1),
        ("400: field", 0),
        ("500: row and field", 0),
        ("200: neither row nor field", 0),
    ],
)
def test_mistakes_count_as_the_page_says(answer: str, counts: int) -> None:
    """A 4xx that names both."""
    assert mistakes.count({"a mistake": answer}) == counts


def test_row_and_field_are_found() -> None:
    """Each product's own way to name the second row is known; a row that is quoted is not named."""
    ways = {
        "row 2, petal_width: Field required": "row and field",
        '{"loc":["body","instances",1,"petal_width"]}': "row and field",
        r'{"error":"for list[Flower]\n1.petal_width\n  Input"}': "row and field",
        r'{"petal_length": 1.4, "petal_width": -1}': "field",
        "Bad Request": "neither row nor field",
    }

    for body, named in ways.items():
        answer = (400, body)
        told = mistakes.told(lambda _, answer=answer: answer)  # type: ignore[misc]
        assert set(told.values()) == {f"400: {named}"}


def number_in(cell: str) -> float:
    """Return the number that a cell shows."""
    return float(cell.replace(",", ""))


def is_figure(cell: str) -> bool:
    """Say whether a cell tells a number."""
    return bool(re.match(r"\d", cell))


def table_of(text: str, first: str) -> dict[str, list[str]]:
    """Return the cells of the first table whose header begins with a text, by their row."""
    rows = re.search(rf"^\| ?{re.escape(first)} ?\|.*(?:\n\|.*)*", text, re.MULTILINE)
    assert rows, first
    split = [[cell.strip() for cell in line[1:-1].split("|")] for line in rows[0].splitlines()]
    return {row: cells for row, *cells in split}
