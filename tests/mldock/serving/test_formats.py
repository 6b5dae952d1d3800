"""All formats admit and answer the same values: what one refuses, each refuses, for one reason."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from enum import IntEnum
from typing import Annotated, Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mldock.serving.messages import CSV, JSON, JSON_LINES, NPY, RequestError
from pydantic import BaseModel, Field, create_model

from tests.mldock.rows import Arrays, Rows, answer, decode, npy, to_array

pa = pytest.importorskip("pyarrow")
ipc = pytest.importorskip("pyarrow.ipc")
parquet = pytest.importorskip("pyarrow.parquet")

PARQUET = "application/vnd.apache.parquet"
ARROW = "application/vnd.apache.arrow.stream"


class Size(IntEnum):
    """Numbers of which there are few."""

    SMALL = 1
    LARGE = 2


class Place(BaseModel):
    """A type within a row."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = 0


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
INTEGERS = st.integers(-(2**70), 2**70) | st.sampled_from([2**53 + 1, 2**63, 2**64 + 1, -(2**63)])
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
# Each kind of field: what it takes, and what it does not, or perhaps.
NUMBERS: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (int, INTEGERS),
    (float, FLOATS),
    (int | None, INTEGERS | st.none()),
    (float | None, FLOATS | st.none()),
    (Annotated[int, Field(ge=0, le=2**65)], st.integers(0, 2**65)),
]
OTHERS: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (str, WORDS),
    (str | None, WORDS | st.none()),
    (bool, st.booleans()),
    (bool | None, st.booleans() | st.none()),
    (Literal["a", "b"], st.sampled_from(["a", "b"])),
    (Literal[1, 2], st.sampled_from([1, 2])),
    (Size, st.sampled_from([1, 2])),
    (datetime.date | None, st.dates().map(str) | st.none()),
    (list[float], st.lists(FLOATS)),
    (list[str] | None, st.lists(WORDS) | st.none()),
    (dict[str, float], st.dictionaries(WORDS, FLOATS)),
    (Place, st.fixed_dictionaries({"latitude": st.floats(-90, 90)})),
]
ODD_NUMBERS = [None, True, "x", 2.5, 1e20, -1, 10**30]
ODD: list[Any] = [None, "x", ["x"], {"latitude": 100}, {"latitude": 1, "lnogitude": 2}]

Lists = list[list[Any]]


@st.composite
def tables(draw: st.DrawFn, kinds: Any, odd: list[Any]) -> tuple[type[BaseModel], Lists]:
    """Return a type and rows that it takes, or nearly."""
    chosen: list[Any] = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=4))
    # One list would take the whole row.
    chosen = [(int, INTEGERS), *chosen]
    defaults: list[Any] = [draw(st.sampled_from([..., ..., None, 3])) for _ in chosen]
    row_type: type[BaseModel] = create_model(  # type: ignore[call-overload]
        "Drawn", **{f"f{n}": (kind, defaults[n]) for n, (kind, _) in enumerate(chosen)}
    )
    row = st.tuples(*(values for _, values in chosen)).map(list)
    rows: Lists = draw(st.lists(row, min_size=1, max_size=3))
    if odd and draw(st.sampled_from([True, False])):
        column = draw(st.integers(0, len(chosen) - 1))
        # Any number is a text in CSV, and a text no number elsewhere.
        if chosen[column][0] not in (str, str | None):
            rows[draw(st.integers(0, len(rows) - 1))][column] = draw(st.sampled_from(odd))
    return row_type, rows


def to_cell(value: Any) -> Any:
    """Return how a value is written in CSV."""
    return json.dumps(value) if isinstance(value, list | dict) else value


def write_all(names: list[str], rows: Lists) -> Iterator[tuple[bytes, str]]:
    """Write rows in all formats that hold them."""
    objects = [dict(zip(names, row, strict=True)) for row in rows]
    values: list[Any] = [
        objects,
        rows,
        {"instances": objects, "parameters": {}},
        {"inputs": rows},
        {"columns": names, "data": rows},
        {"dataframe_split": {"columns": names, "data": rows}, "params": None},
        {"dataframe_records": objects},
    ]
    if not any(isinstance(value, list) for row in rows for value in row):
        columns = dict(zip(names, zip(*rows, strict=True), strict=True))
        values.append({"signature_name": "serving_default", "inputs": columns})
    for value in values:
        yield json.dumps(value).encode(), JSON
    for lines in (objects, rows):
        yield "\r\n".join(map(json.dumps, lines)).encode(), JSON_LINES
    cells = [list(map(to_cell, row)) for row in rows]
    for table in (cells, [names, *cells]):
        for end in ("\n", "\r\n"):
            text = io.StringIO()
            csv.writer(text, lineterminator=end).writerows(table)
            yield text.getvalue().encode("utf-8-sig"), CSV
    # Not every column has a type of Arrow's, and its objects have all the same keys.
    with suppress(pa.ArrowException, OverflowError):
        if not any(isinstance(value, dict) for row in rows for value in row):
            table = pa.table(list(map(list, zip(*rows, strict=True))), names=names)
            yield from write_arrow(table)


def write_arrow(table: Any) -> Iterator[tuple[bytes, str]]:
    """Write a table as Parquet and as an Arrow stream."""
    sink = pa.BufferOutputStream()
    parquet.write_table(table, sink)
    yield bytes(sink.getvalue()), PARQUET
    sink = pa.BufferOutputStream()
    with ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    yield bytes(sink.getvalue()), ARROW


def outcome(service: Rows | Arrays, body: bytes, content_type: str) -> Any:
    """Return the rows of a body, or the status of its refusal and where it is wrong."""
    try:
        return decode(service, body, content_type).rows
    except RequestError as error:
        return error.status, re.findall(r"row \d+, [\w.]+", str(error))


@settings(max_examples=60)
@given(table=tables(NUMBERS + OTHERS, ODD))
def test_rows_of_any_type(table: tuple[type[BaseModel], Lists]) -> None:
    """The same rows reach the model, or the same row and field are refused."""
    row_type, rows = table
    bodies = list(write_all(list(row_type.model_fields), rows))
    expected = outcome(Rows(row_type), *bodies[0])

    for body, content_type in bodies:
        found = outcome(Rows(row_type), body, content_type)
        assert found == expected, (content_type, body)


@settings(max_examples=60)
@given(table=tables(NUMBERS, ODD_NUMBERS))
def test_rows_of_numbers(table: tuple[type[BaseModel], Lists]) -> None:
    """An ArrayService gets the numbers that a ModelService gets; npy may be NaN where null is."""
    row_type, rows = table
    names = list(row_type.model_fields)
    bodies = list(write_all(names, rows))
    # No array has integers of more than 64 bits, nor text.
    values = [value for row in rows for value in row]
    if "x" not in values and all(abs(value or 0) <= 2**53 for value in values):
        bodies.append((npy(np.array(rows, float)), NPY))
        records = np.array([tuple(row) for row in rows], [(name, float) for name in names])
        bodies.append((npy(records), NPY))
    expected = outcome(Rows(row_type), *bodies[0])
    if isinstance(expected, list):
        expected = to_array(decode(row_type, *bodies[0]).rows)

    for body, content_type in bodies:
        found = outcome(Arrays(row_type), body, content_type)
        assert type(found) is type(expected), (content_type, body, found, expected)
        np.testing.assert_equal(found, expected, err_msg=f"{content_type} {body!r}")


@pytest.mark.parametrize("content_type", [JSON, JSON_LINES, "application/x-ndjson", CSV])
@settings(max_examples=40)
@given(table=tables(NUMBERS + OTHERS, []))
def test_answers_of_any_type(content_type: str, table: tuple[type[BaseModel], Lists]) -> None:
    """What is answered is read as the same rows, nested values too."""
    row_type, rows = table
    service = Rows(row_type)
    body = json.dumps(rows).encode()

    response = answer(service, body, accept=content_type)

    assert (response.status, response.content_type) == (200, content_type)
    found = decode(service, response.body, content_type).rows
    assert found == decode(service, body).rows


@pytest.mark.parametrize("content_type", [JSON, JSON_LINES, CSV, NPY])
@pytest.mark.parametrize("width", [16, 32, 64])
@given(data=st.data())
def test_answers_of_any_width(content_type: str, width: Any, data: st.DataObject) -> None:
    """Floats are written so that they are read as the same, and no longer than that takes."""
    numbers = st.floats(width=width, allow_nan=False, allow_infinity=False)
    values = np.array(data.draw(st.lists(numbers, min_size=1, max_size=4)), f"f{width // 8}")
    row_type = create_model("One", value=float)
    service = Arrays(row_type, values.dtype)
    service.predict = lambda _: {"value": values}  # type: ignore[method-assign, assignment]

    response = answer(service, json.dumps([[0]] * len(values)).encode(), accept=content_type)

    assert response.status == 200
    found = decode(service, response.body, content_type).rows
    np.testing.assert_array_equal(found[:, 0], values)
    if content_type == CSV:
        # numpy writes a number as no more digits than tell it from the next of its width.
        expected = [float(str(value)) for value in values]
        assert list(map(float, response.body.split())) == expected
