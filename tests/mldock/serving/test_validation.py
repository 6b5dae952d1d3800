"""Rows become what the model takes, an array or objects, or are refused with row and field."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
from typing import Annotated, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mldock.serving.messages import CSV, JSON, JSON_LINES, NPY, RequestError
from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    create_model,
    model_validator,
)

from tests.mldock.rows import Arrays, Rows, decode, npy, refusal, to_array

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
    """Write rows in several ways; `test_formats` compares these with each other."""
    is_list = names == ["values"]
    objects: list[Any] = [
        {"values": row} if is_list else dict(zip([*names, "more"], row, strict=False))
        for row in rows
    ]
    header = [f"pixel {n}" for n in range(len(rows[0]))] if is_list else names
    values: list[Any] = [objects, objects[0], [objects[0], *rows[1:]]]
    values.append({"columns": header, "data": rows})
    written = [(json.dumps(value).encode(), JSON) for value in values]
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


class Place(BaseModel):
    """A type that says nothing of unknown fields."""

    latitude: float
    longitude: float = 0


class Loose(BaseModel):
    """A type that takes them."""

    model_config = ConfigDict(extra="allow")

    place: Place | None = None


class Shop(BaseModel):
    """A row as the docs show it."""

    rooms: int
    area: float | None = None
    opened: datetime.date | None = Field(None, ge=datetime.date(2000, 1, 1))
    place: Place | None = None
    loose: Loose | None = None
    others: list[Place] = []


class Tree(BaseModel):
    """A type that holds itself."""

    value: float = 0
    branches: list[Tree] = []


@pytest.mark.parametrize(
    ("row_type", "row", "words"),
    [
        (Shop, {"rooms": 1, "areal": 2}, "row 1, areal: .*did you mean area"),
        (Shop, {"rooms": 1, "areal": None}, "row 1, areal: .*found None"),
        (Shop, {"rooms": 1, "xyz": 2}, "row 1, xyz: There is no such field, found '2'"),
        (
            Shop,
            {"rooms": 1, "place": {"latitude": 1, "lnogitude": 2}},
            "place.lnogitude: .*longitude",
        ),
        (Shop, {"rooms": 1, "others": [{"latitude": 1, "x": 2}]}, "row 1, others.0.x: "),
        (Shop, {"rooms": 1, "loose": {"place": {"latitude": 1, "x": 2}}}, "row 1, loose.place.x: "),
        (Shop, {"rooms": 1, "loose": {"x": 2}}, None),
        (Loose, {"x": 2}, None),
        (
            Tree,
            {"branches": [{"branches": [{"vlaue": 1}]}]},
            "branches.0.branches.0.vlaue: .*value",
        ),
        (Tree, {"branches": [{"branches": [{"value": 1}]}]}, None),
    ],
    ids=str,
)
def test_unknown_fields(row_type: type[BaseModel], row: dict[str, Any], words: str | None) -> None:
    """A field that is perhaps misspelt is refused, unless the type itself says otherwise."""
    body = json.dumps([row]).encode()

    if words:
        status, text = refusal(row_type, body)
        assert status == 422
        assert re.search(words, text), text
    else:
        assert len(decode(row_type, body).rows) == 1


def test_type_that_holds_itself() -> None:
    """Its columns are those of any type: numbers, and JSON in a cell."""
    body = b'value,branches\nNaN,"[{""value"": 2}]"\n'

    assert decode(Tree, body, CSV).rows == [Tree(branches=[Tree(value=2)])]


@pytest.mark.parametrize("name", ["", "Unnamed: 0", "__index_level_0__"])
@pytest.mark.parametrize(
    "service", [Rows(Shop), Arrays(create_model("Two", rooms=int, area=float))]
)
def test_index_of_pandas(name: str, service: Any) -> None:
    """Whoever sends it is told how to leave it away."""
    status, text = refusal(service, f"{name},rooms,area\n0,3,2.5\n".encode(), CSV)

    assert status == 422
    assert f"row 1, {name or repr(name)}: " in text
    assert "index=False" in text


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'["x"]', "row 1: Input should be an object or a list with rooms, area, .*, found 'x'"),
        (b"[[1], 3]", "row 1 has 1 values where 6 are expected: rooms"),
        (b'[{"rooms": 1}, 3]', "row 2: Input should be an object or a list with .*, found '3'"),
        (b'{"rooms": 1, "place": 3}', "row 1, place: Input should be an object with latitude, "),
        (b'{"rooms": 1, "opened": "1999-01-01"}', "row 1, opened: .*2000-01-01"),
        (b'{"rooms": null}', "row 1, rooms: Field required"),
    ],
)
def test_faults_in_our_words(body: bytes, words: str) -> None:
    """Nobody who sends a row knows the class that reads it."""
    status, text = refusal(Shop, body)

    assert status == 422
    assert re.match(words, text), text


@pytest.mark.parametrize("number", [2**64 + 1, 2**63, -(2**63) - 1, 2**53 + 1, 10**400])
@pytest.mark.parametrize(
    ("form", "content_type"),
    [("[[{}, 1]]", JSON), ("[{}, 1]\n", JSON_LINES), ("{},1\n", CSV), ("one,two\n{},1\n", CSV)],
)
def test_large_integers(number: int, form: str, content_type: str) -> None:
    """They are read to the last digit, and quoted so, whatever the format."""
    body = form.format(number).encode()
    below = create_model("Below", one=(int, Field(lt=9, gt=-9)), two=float)
    free = create_model("Free", one=int, two=float)

    for service in (Rows(below), Arrays(below)):
        status, text = refusal(service, body, content_type)
        assert (status, str(number)[:80] in text) == (422, True), text
    assert decode(free, body, content_type).rows[0].one == number
    if number < 10**300:
        assert decode(Arrays(free), body, content_type).rows.tolist() == [[float(number), 1]]
    else:
        status, text = refusal(Arrays(free), body, content_type)
        assert (status, text.startswith("row 1, one: '1000")) == (422, True), text


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"one": null, "two": null}', JSON),
        (b"[[null, null]]", JSON),
        (b"one,two\n,nan\n", CSV),
        (npy([[np.nan, np.nan]]), NPY),
        (npy(np.array([(np.nan, np.nan)], [("one", "f8"), ("two", "f4")])), NPY),
    ],
    ids=range(5),
)
def test_absent_values(body: bytes, content_type: str) -> None:
    """They are None where that is allowed, else the default, else missing; in every format."""
    defaults = create_model("Defaults", one=(float | None, 3), two=(float, 4))
    required = create_model("Required", one=(float | None, ...), two=(float, ...))

    assert np.isnan(decode(Arrays(defaults), body, content_type).rows[0, 0])
    assert decode(Arrays(defaults), body, content_type).rows[0, 1] == 4
    assert refusal(Arrays(required), body, content_type) == (422, "row 1, two: Field required")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"[[1, 2]]", JSON), (b"1,2\n", CSV), (b"be,the one\n2,1\n", CSV), (b"b,one\n2,1\n", CSV)],
)
def test_aliases(body: bytes, content_type: str) -> None:
    """Clients may use all names of a field, in a header too."""
    row_type = create_model(
        "Named",
        __config__=ConfigDict(populate_by_name=True),
        one=(int, Field(alias="the one")),
        two=(float, Field(validation_alias=AliasChoices("b", "be"))),
    )

    assert decode(Arrays(row_type), body, content_type).rows.tolist() == [[1, 2]]
