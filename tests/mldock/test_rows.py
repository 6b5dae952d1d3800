"""The type of a row, from an example of a request."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extensions.converting.rows import rows_of
from extensions.model import File

NESTED = [{"name": "a", "pixels": [1, 2.5]}, {"name": None, "pixels": []}]


@pytest.mark.parametrize(
    ("payload", "fields", "call", "csv"),
    [
        (
            {"age": 41, "city": "Bern", "is_new": True},
            ["age: float", "city: str", "is_new: bool"],
            "row.model_dump(by_alias=True)",
            "age,city,is_new\n41,Bern,True\n",
        ),
        (
            [[1, 2], [3, 4]],
            ["value_1: float", "value_2: float"],
            "[list(dict(row).values()) for row in rows]",
            "value_1,value_2\n1,2\n3,4\n",
        ),
        (
            {"instances": [{"petal width (cm)": 1}]},
            ['petal_width_cm: float = Field(alias="petal width (cm)")'],
            '{"instances": [row.model_dump(by_alias=True) for row in rows]}',
            "petal width (cm)\n1\n",
        ),
        (
            NESTED,
            ["name: str | None", "pixels: list[float]"],
            "[row.model_dump(by_alias=True) for row in rows]",
            None,
        ),
        (
            [{"a-b": 1, "a_b": 2}, {"a-b": 1, "a_b": 2, "c": 3}],
            [
                'a_b: float = Field(alias="a-b")',
                'a_b_: float = Field(alias="a_b")',
                "c: float | None = Field(None)",
            ],
            "[row.model_dump(by_alias=True) for row in rows]",
            ...,
        ),
        ([5.1, 3.5], ["value_1: float", "value_2: float"], "list(dict(row).values())", ...),
        ([[[0, 1], [1, 0]]], ["values: list[list[float]]"], "[row.values for row in rows]", None),
        (
            {"feature1": 10, "feature2": "groupA"},
            ["value: Any"],
            "[row.value for row in rows]",
            None,
        ),
    ],
)
def test_rows(payload: Any, fields: list[str], call: str, csv: Any) -> None:
    """The handler gets what it got: the same shape, with the same names."""
    rows = rows_of(File(json.dumps(payload).encode()))

    assert [field.strip() for field in rows.fields] == fields
    assert rows.call == call
    assert csv is ... or rows.csv == csv


@pytest.mark.parametrize("file", [None, File(b"{"), File(b"[]"), File(b'"text"')])
def test_no_example(file: File | None) -> None:
    """Where no request is known, none is made up."""
    assert rows_of(file).examples == []
