"""Requests that are refused, and what is said of them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from werkzeug.exceptions import BadRequest, NotAcceptable, UnsupportedMediaType

from container.prediction.codecs import CSV, JSON, decode, encode
from tests.runtime.rows import ONE, Pixels, Row, accept


def refusal(body: bytes, content_type: str = CSV, input_type: type[BaseModel] = Row) -> str:
    """Return what is said of a wrong body."""
    with pytest.raises(BadRequest) as caught:
        decode(body, content_type, input_type)
    return caught.value.description or ""


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"1.5,2,a\n2.5,x,b\n", ["row 2, count", "valid integer", "'x'"]),
        (b"1.5,,a\n", ["row 1, count: Field required"]),
        (b"0,2,a\n", ["row 1, size", "greater than 0", "'0'"]),
        (b"x,y,a\n", ["row 1, size", "row 1, count"]),
        (b"1.5,2\n", ["2 values where 3 are expected: size, count, name"]),
        (b"size,count,name\n1,2,3,4\n", ["4 values where 3 are expected"]),
        (b"", ["holds no rows"]),
        (b"size,count,name\n", ["holds no rows"]),
        (b'1.5,2,"a\n', ["is not CSV in UTF-8"]),
        (b'1.5,2,"a"b\n', ["is not CSV in UTF-8"]),
        (b"1.5,2,\xff\n", ["is not CSV in UTF-8", "0xff"]),
    ],
)
def test_wrong_csv_is_explained(body: bytes, words: list[str]) -> None:
    """The text names the row, the field, what is allowed and what was found."""
    text = refusal(body)

    assert all(word in text for word in words), text


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"size": 1, "count": "x"}', ["row 1, count", "valid integer", "'x'"]),
        (b'[{"size": 1, "count": 2}, {"size": 1}]', ["row 2, count: Field required"]),
        (b'{"size": 1, "count": 2, "siez": 3}', ["row 1, siez", "not permitted"]),
        (b"[1]", ["row 1: ", "found '1'"]),
        (b"[[1, 2]]", ["2 values where 3 are expected: size, count, name"]),
        (b"[]", ["holds no rows"]),
        (b'{"instances": []}', ["holds no rows"]),
        (b"3", ["must be a JSON object or a list"]),
        (b'{"instances": 3}', ["must be a JSON object or a list"]),
        (b"{", ["is not JSON"]),
        (b"", ["is not JSON"]),
        (b'{"size": NaN, "count": 2}', ["is not JSON"]),
        (b'{"name": "\xff"}', ["is not JSON"]),
    ],
)
def test_wrong_json_is_explained(body: bytes, words: list[str]) -> None:
    """The text names the row, the field, what is allowed and what was found."""
    text = refusal(body, JSON)

    assert all(word in text for word in words), text


def test_word_in_a_list_of_numbers() -> None:
    """A line with a number is no header, so a wrong cell in the first line is told."""
    assert refusal(b"1,x,3\n", CSV, Pixels).startswith("row 1, pixels.1: ")


@pytest.mark.parametrize("line", [b",,", b"a,,c", b'"",b,c'])
def test_list_with_an_empty_cell(line: bytes) -> None:
    """A line that misses a value is no header, so it is not passed over in silence."""
    assert "row 1, pixels." in refusal(line + b"\n1,2,3\n", CSV, Pixels)


def test_many_faults_are_counted() -> None:
    """A thousand wrong rows are five faults and a number."""
    text = refusal(b"1.5,x,a\n" * 1000)

    assert text.count("row ") == 5
    assert text.endswith("; and 995 more")


def test_long_value_is_cut() -> None:
    """A value of a megabyte is not sent back."""
    assert len(refusal(b"1.5," + b"x" * 100_000 + b",a\n")) < 300


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-npy"])
def test_other_types_are_refused(content_type: str) -> None:
    """Status 415 names the type, and the types there are."""
    with pytest.raises(UnsupportedMediaType) as caught:
        decode(b"1.5,2,a\n", content_type, Row)

    assert f"Content-Type {content_type or '(none)'} is not supported" in str(caught.value)
    assert f"Send {JSON} or {CSV}" in str(caught.value)


@pytest.mark.parametrize("header", ["application/xml", "image/*", "application/json;q=0"])
def test_other_accept_is_refused(header: str) -> None:
    """Status 406 names the types there are."""
    with pytest.raises(NotAcceptable, match=f"Accept {JSON} or {CSV}"):
        encode([ONE], "many", accept(header))


@given(body=st.binary(), content_type=st.sampled_from([JSON, CSV]))
def test_any_bytes_are_rows_or_refused(body: bytes, content_type: str) -> None:
    """No body fails the server: it is rows, or the client's mistake."""
    with suppress(BadRequest):
        assert decode(body, content_type, Row).rows
