"""Requests that are refused, and what is said of them."""

from __future__ import annotations

import pytest

from container.prediction.messages import CSV, JSON, JSON_LINES, NPY
from tests.runtime.rows import TEXTS, Arrays, Pixels, Point, Row, Rows, refusal

SERVICES: list[Rows | Arrays] = [Rows(Row), Rows(Pixels), Arrays(Point), Arrays(Pixels)]
KNOWN = ", ".join(TEXTS)
SECONDS = 2


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"1.5,2,a\n2.5,x,b\n", 422, ["row 2, count", "valid integer", "'x'"]),
        (b"1.5,,a\n", 422, ["row 1, count: Field required"]),
        (b"0,2,a\n", 422, ["row 1, size", "greater than 0", "'0'"]),
        (b"x,y,a\n", 422, ["row 1, size", "row 1, count"]),
        (b"1.5,2\n", 422, ["row 1", "2 values where 3 are expected: size, count, name"]),
        (b"1.5,2,a\n1.5,2\n", 422, ["row 2", "2 values where 3 are expected"]),
        (b"size,count,name\n1,2,3,4\n", 422, ["4 values where 3 are expected"]),
        (b"size,name\n1,a\n", 422, ["row 1, count: Field required"]),
        (b"size,count,name,kind\n1,2,a,b\n", 422, ["row 1, kind", "not permitted", "'b'"]),
        (b"size,count,size\n1,2,3\n", 400, ["'size' is there twice"]),
        (b"", 400, ["body is empty"]),
        (b" \r\n\t\n", 400, ["body is empty"]),
        (b"\xef\xbb\xbf", 400, ["body is empty"]),
        (b"size,count,name\n", 400, ["holds no rows"]),
        (b'1.5,2,"a\n', 400, ["is not CSV in UTF-8"]),
        (b'1.5,2,"a"b\n', 400, ["is not CSV in UTF-8"]),
        (b"1.5,2,\xff\n", 400, ["is not CSV in UTF-8", "0xff"]),
    ],
)
def test_wrong_csv_is_explained(body: bytes, status: int, words: list[str]) -> None:
    """The text names the row, the field, what is allowed and what was found."""
    found, text = refusal(Row, body, CSV)

    assert found == status
    assert all(word in text for word in words), text


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b'{"size": 1, "count": "x"}', 422, ["row 1, count", "valid integer", "'x'"]),
        (b'[{"size": 1, "count": 2}, {"size": 1}]', 422, ["row 2, count: Field required"]),
        (b'{"size": 1, "count": 2, "siez": 3}', 422, ["row 1, siez", "not permitted"]),
        (b"[1]", 422, ["row 1: ", "found '1'"]),
        (b'["12", "34"]', 422, ["row 1: ", "found '12'"]),
        (b"[[1, 2]]", 422, ["2 values where 3 are expected: size, count, name"]),
        (b"[[[1], 2, 3]]", 422, ["row 1, size", "valid number", "[1]"]),
        (b"[null]", 422, ["row 1: ", "found None"]),
        (b'{"instances": 3}', 422, ["row 1: ", "found '3'"]),
        (b'{"columns": ["size", "size"], "data": []}', 400, ["'size' is there twice"]),
        (b'{"columns": "size", "data": []}', 400, ['two lists, "columns" and "data"']),
        (b'{"dataframe_split": [[1, 2, "a"]]}', 400, ['two lists, "columns"']),
        (b"[]", 400, ["holds no rows"]),
        (b'{"instances": []}', 400, ["holds no rows"]),
        (b"3", 400, ["not rows", "Send one object"]),
        (b'"text"', 400, ["not rows", "Send one object"]),
        (b"{", 400, ["is not JSON"]),
        (b"", 400, ["body is empty"]),
        (b'{"size": NaN, "count": 2}', 400, ["is not JSON"]),
        (b'{"size": Infinity, "count": 2}', 400, ["is not JSON"]),
        (b'{"size": 1e999, "count": 2}', 400, ["is not JSON"]),
        (b'{"name": "\xff"}', 400, ["is not JSON"]),
        (b'{"name": "\\ud800"}', 400, ["is not JSON"]),
    ],
)
def test_wrong_json_is_explained(body: bytes, status: int, words: list[str]) -> None:
    """The text names the row, the field, what is allowed and what was found."""
    found, text = refusal(Row, body, JSON)

    assert found == status
    assert all(word in text for word in words), text


def test_wrong_line_is_named() -> None:
    """Of JSON lines, the line that is none is told."""
    assert refusal(Row, b'{"size": 1, "count": 2}\n\n{', JSON_LINES) == (
        400,
        "Line 3 is not JSON: unexpected end of data: line 1 column 2 (char 1).",
    )


@pytest.mark.parametrize("service", [Rows(Point), Arrays(Point)], ids=["rows", "arrays"])
@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        (b"[[1, 2, 3], [101, 2, 3]]", JSON, ["row 2, x", "less than or equal to 100", "'101'"]),
        (b"[[1, 2.5, 3]]", JSON, ["row 1, count", "valid integer", "'2.5'"]),
        (b"[[null, 2, 3]]", JSON, ["row 1, x: Field required"]),
        (b'[["a", 2, 3]]', JSON, ["row 1, x", "valid number", "'a'"]),
        (b'[{"x": null, "count": 2}]', JSON, ["row 1, x", "valid number", "None"]),
        (b"1,2,inf\n", CSV, ["row 1, y", "finite number", "'inf'"]),
        (b"nan,2,3\n", CSV, ["row 1, x: Field required"]),
        (b"1,2,1e999\n", CSV, ["row 1, y", "finite number"]),
        (b"1,2,x\n", CSV, ["row 1, y", "valid number", "'x'"]),
    ],
)
def test_wrong_number_is_explained(
    service: Rows | Arrays, body: bytes, content_type: str, words: list[str]
) -> None:
    """Where numpy reads the rows too, the text is that of the type."""
    found, text = refusal(service, body, content_type)

    assert found == 422
    assert all(word in text for word in words), text


@pytest.mark.parametrize("service", [Rows(Pixels), Arrays(Pixels)], ids=["rows", "arrays"])
@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"1,x,3\n", "row 1, pixels.1: "),
        (b",,\n1,2,3\n", "row 1, pixels.0: "),
        (b"a,,c\n1,2,3\n", "row 1, pixels.0: "),
        (b'"",b,c\n1,2,3\n', "row 1, pixels.0: "),
    ],
)
def test_row_is_no_header(service: Rows | Arrays, body: bytes, where: str) -> None:
    """A line that has a number or misses a value is not passed over in silence."""
    assert refusal(service, body, CSV)[1].startswith(where)


def test_many_faults_are_counted() -> None:
    """A thousand wrong rows are five faults and a number."""
    _, text = refusal(Row, b"1.5,x,a\n" * 1000, CSV)

    assert text.count("row ") == 5
    assert text.endswith("; and 995 more")


@pytest.mark.parametrize("content_type", ["", "text/plain", "image/png", NPY])
def test_other_types_are_refused(content_type: str) -> None:
    """Status 415 names the type, and the types there are."""
    status, text = refusal(Row, b"1.5,2,a\n", content_type)

    assert status == 415
    assert f"Content-Type {content_type or '(none)'} is not supported" in text
    assert f"Send one of: {KNOWN}" in text
