"""In which format an answer comes: the header Accept."""

from __future__ import annotations

import json
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.prediction.codecs import negotiate
from container.prediction.messages import CSV, JSON, JSON_LINES, NPY, RequestError
from tests.runtime.rows import OBJECTS, Row, Rows, answer

FORMATS = [JSON, CSV, JSON_LINES, NPY]


@pytest.mark.parametrize(
    ("header", "content_type"),
    [
        ("application/json", JSON),
        ("application/*", JSON),
        ("text/csv", CSV),
        ("TEXT/CSV", CSV),
        ("text/*", CSV),
        ("application/jsonlines", JSON_LINES),
        ("application/x-npy", NPY),
        ("application/xml, text/csv", CSV),
        ("text/csv;q=0.5, application/json", JSON),
        ("text/csv;q=0.5, application/json;q=0.4", CSV),
        ("application/json;q=0.5, text/csv", CSV),
        ("application/json; q=0.5 , text/csv ;q=0.6", CSV),
        ("application/json;q=0, */*", CSV),
        ("application/json;q=0, application/*", JSON_LINES),
        ("*/*;q=0.1, text/csv;q=0.2", CSV),
        ("text/*;q=0.3, text/csv;q=0, */*;q=0.2", JSON),
        ("application/*;q=0.9, application/json;q=0.1, text/csv;q=0.5", JSON_LINES),
        ("application/json;q=nonsense, text/csv;q=0.1", CSV),
        ("text/csv; header=absent", CSV),
        ("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", JSON),
        (",,text/csv,", CSV),
    ],
)
def test_accept_is_honoured(header: str, content_type: str) -> None:
    """The quality decides, of the range that is closest; JSON where the client has no wish."""
    assert negotiate(header, JSON) == content_type


@pytest.mark.parametrize("header", ["", "*/*", "text/html, */*;q=0.1"])
@pytest.mark.parametrize(
    ("content_type", "expected"), [(CSV, CSV), (JSON_LINES, JSON_LINES), (JSON, JSON), (NPY, JSON)]
)
def test_lines_are_answered_with_lines(header: str, content_type: str, expected: str) -> None:
    """Batch transform joins the lines it sends with those it gets."""
    assert negotiate(header, content_type) == expected


def test_json_for_csv() -> None:
    """A wish counts more than the format of the request."""
    assert negotiate("application/json", CSV) == JSON
    assert negotiate("application/*", CSV) == JSON
    assert negotiate("text/csv;q=0.5, */*", CSV) == JSON


@pytest.mark.parametrize(
    "header",
    ["application/xml", "image/*", "application/json;q=0", "*/*;q=0", "text/csv;q=x", "nonsense"],
)
def test_other_accept_is_refused(header: str) -> None:
    """Status 406 names the types there are."""
    with pytest.raises(RequestError, match=r"is not supported\. Accept one of: ") as caught:
        negotiate(header, JSON)

    assert caught.value.status == 406
    assert all(known in str(caught.value) for known in FORMATS)


@given(qualities=st.lists(st.integers(1, 1000), min_size=4, max_size=4, unique=True))
def test_order_does_not_matter(qualities: list[int]) -> None:
    """The best comes, wherever it stands."""
    ranges = [f"{name};q={q / 1000}" for name, q in zip(FORMATS, qualities, strict=True)]
    best = FORMATS[qualities.index(max(qualities))]

    assert {negotiate(", ".join(order), JSON) for order in permutations(ranges)} == {best}


@given(header=st.text(), content_type=st.sampled_from(FORMATS))
def test_any_header(header: str, content_type: str) -> None:
    """It names a format that there is, or is refused."""
    try:
        assert negotiate(header, content_type) in FORMATS
    except RequestError as error:
        assert error.status == 406  # noqa: PT017 (both are right)


def test_accept_of_a_request() -> None:
    """The answer says what it is."""
    body = json.dumps(OBJECTS).encode()

    response = answer(Rows(Row), body, accept="text/*")

    assert (response.status, response.content_type) == (200, CSV)
    assert answer(Rows(Row), body, accept="image/png").status == 406
