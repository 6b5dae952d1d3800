"""A body gives an ArrayService the numbers that it gives a ModelService, or the same refusal."""

from __future__ import annotations

import csv
import io
import json
from typing import Annotated, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mldock.serving.messages import CSV, JSON, JSON_LINES, RequestError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model, model_validator

from tests.mldock.rows import Arrays, Rows, decode, to_array

Lists = list[list[Any]]

LIMITS = st.fixed_dictionaries(
    {},
    optional={
        "ge": st.integers(-9, 0),
        "gt": st.integers(-9, -1),
        "le": st.integers(1, 9),
        "lt": st.integers(2, 9),
        "multiple_of": st.just(1),
    },
)
LENGTHS: list[dict[str, int]] = [{}, {"min_length": 2}, {"min_length": 2, "max_length": 2}]

FRACTIONS = st.floats(-10, 10).map(lambda number: round(number, 1))
NUMBERS: st.SearchStrategy[Any] = st.integers(-10, 10) | FRACTIONS
TEXTS = ["", "7", "1e3", " 1", "1_0", "nan", "inf", "x", "٣"]
ODD: list[Any] = [None, True, *TEXTS, [1], {"1": 2}, 2**63, 1e20]


def limited(kind: Any, limits: dict[str, Any]) -> Any:
    """Return a type that has limits."""
    return Annotated[kind, Field(**limits)]


@st.composite
def row_types(draw: st.DrawFn) -> type[BaseModel]:
    """Return a type of rows of numbers: of some columns, or of one list."""
    config = ConfigDict(
        extra=draw(st.sampled_from(["ignore", "forbid", "allow"])),
        allow_inf_nan=draw(st.booleans()),
    )
    if draw(st.integers(0, 3)) == 0:
        item = limited(draw(st.sampled_from([int, float])), draw(LIMITS))
        values = limited(list[item], draw(st.sampled_from(LENGTHS)))  # type: ignore[valid-type]
        return create_model("List", __config__=config, values=values)
    fields: dict[str, Any] = {}
    for number in range(draw(st.integers(1, 3))):
        kinds: list[Any] = [int, float, int | None, float | None]
        default = draw(st.sampled_from([..., ..., None, 3]))
        alias = draw(st.sampled_from([None, None, f"the {number}"]))
        kind = limited(draw(st.sampled_from(kinds)), draw(LIMITS))
        fields[f"f{number}"] = (kind, Field(default, alias=alias))
    return create_model("Fields", __config__=config, **fields)


@st.composite
def tables(draw: st.DrawFn) -> tuple[type[BaseModel], list[str], Lists]:
    """Return a type, the names of its columns in any order, and rows that it takes, or not."""
    row_type = draw(row_types())
    names = [field.alias or name for name, field in row_type.model_fields.items()]
    names = draw(st.permutations(names))
    width = draw(st.integers(1, 3)) if names == ["values"] else len(names)
    width += draw(st.sampled_from([0] * 9 + [1]))
    rows = draw(st.lists(st.lists(NUMBERS, min_size=width, max_size=width), min_size=1, max_size=4))
    if draw(st.booleans()):
        row = draw(st.sampled_from(rows))
        row[draw(st.integers(0, width - 1))] = draw(st.sampled_from(ODD))
    return row_type, names, rows


def bodies(names: list[str], rows: Lists) -> list[tuple[bytes, str]]:
    """Write rows in all ways."""
    whole_row = names == ["values"]
    objects: list[Any] = [
        {"values": row} if whole_row else dict(zip([*names, "more"], row, strict=False))
        for row in rows
    ]
    header = [f"pixel {n}" for n in range(len(rows[0]))] if whole_row else names
    values: list[Any] = [
        objects,
        objects[0],
        rows,
        [objects[0], *rows[1:]],
        {"instances": rows},
        {"inputs": objects},
        {"columns": header, "data": rows},
        {"dataframe_split": {"columns": header, "data": rows}},
        {"dataframe_records": objects},
    ]
    written = [(json.dumps(value).encode(), JSON) for value in values]
    written += [
        ("\n".join(map(json.dumps, lines)).encode(), JSON_LINES) for lines in (objects, rows)
    ]
    for table in (rows, [header, *rows]):
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
            text = io.StringIO()
            csv.writer(text, quoting=quoting).writerows(table)
            written.append((text.getvalue().encode(), CSV))
    return written


def outcome(service: Rows | Arrays, body: bytes, content_type: str) -> Any:
    """Return the numbers of a body, or the status and the text of its refusal."""
    try:
        rows = decode(service, body, content_type).rows
    except RequestError as error:
        return error.status, str(error)
    return rows if isinstance(rows, np.ndarray) else to_array(rows)


def agree(row_type: type[BaseModel], body: bytes, content_type: str) -> None:
    """Compare the two ways."""
    array = outcome(Arrays(row_type), body, content_type)
    found = outcome(Rows(row_type), body, content_type)
    assert type(array) is type(found), (content_type, body, array, found)
    if isinstance(found, np.ndarray):
        np.testing.assert_array_equal(array, found, err_msg=f"{content_type} {body!r}")
    else:
        assert array == found


@settings(max_examples=100)
@given(table=tables())
def test_any_rows_of_any_type(table: tuple[type[BaseModel], list[str], Lists]) -> None:
    """The way through numpy is a shorter one to the same place."""
    row_type, names, rows = table
    for body, content_type in bodies(names, rows):
        agree(row_type, body, content_type)


class Sum(BaseModel):
    """A row whose values are not free of each other."""

    one: float
    two: float

    @model_validator(mode="after")
    def grows(self) -> Sum:
        """Compare."""
        if self.two < self.one:
            raise ValueError("two must not be less than one")
        return self


Doubled = Annotated[list[float], AfterValidator(lambda values: [2 * value for value in values])]
Strict = Annotated[float, Field(strict=True)]


@pytest.mark.parametrize(
    ("row_type", "body"),
    [
        (Sum, b"[[1, 2]]"),
        (Sum, b"[[2, 1]]"),
        (create_model("Doubled", values=Doubled), b"[[1, 2]]"),
        (create_model("Strict", value=Strict, other=float), b'[["1", 2]]'),
        (create_model("StrictModel", __config__={"strict": True}, x=float), b'[["1"]]'),
        (create_model("Pair", values=tuple[float, float]), b"[[1, 2]]"),
        (create_model("Pair", values=tuple[float, float]), b"[[1, 2, 3]]"),
        (create_model("Values", values=list[float]), b'{"values": "123"}'),
        (create_model("Values", values=list[float]), b'{"values": {"1": 2}}'),
        (create_model("Values", values=list[float]), b'[{"1": 2}, {"1": 3}]'),
        (
            create_model("Renamed", x=(float, Field(validation_alias="A")), y=float),
            b'[{"y": 1, "A": 2}]',
        ),
    ],
)
def test_what_a_range_cannot_say(row_type: type[BaseModel], body: bytes) -> None:
    """Checks in Python, strict types and texts count on the short way too."""
    agree(row_type, body, JSON)


def test_names_and_lengths() -> None:
    """The name that the type reads is that of the column; lists of other lengths are refused."""
    row_type = create_model("Renamed", x=(float, Field(validation_alias="A")), y=float)

    for body, content_type in ((b"[[2, 1]]", JSON), (b"2,1\n", CSV), (b"y,A\n1,2\n", CSV)):
        assert decode(Arrays(row_type), body, content_type).rows.tolist() == [[2, 1]]
    with pytest.raises(RequestError, match="row 2 has 1 values, row 1 has 2") as caught:
        decode(Arrays(create_model("Values", values=list[float])), b"[[1, 2], [3]]")
    assert caught.value.status == 422
