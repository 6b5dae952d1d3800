"""Bodies that are large, or any bytes: rows, or a short refusal."""

from __future__ import annotations

import json
from contextlib import suppress
from time import perf_counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.prediction.messages import CSV, JSON, JSON_LINES, NPY, RequestError
from tests.runtime.rows import LIMIT, TEXTS, Arrays, Pixels, Point, Row, Rows, decode, npy

SERVICES: list[Rows | Arrays] = [Rows(Row), Rows(Pixels), Arrays(Point), Arrays(Pixels)]
KNOWN = ", ".join(TEXTS)
SECONDS = 20.0


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"1," * 10**6 + b"x", CSV),
        (b",".join(b"c%d" % n for n in range(10**5)), CSV),
        (b"[[" + b"1," * 400_000 + b'"x"]]', JSON),
        (b'{"columns":["x"],"data":[[' + b"1," * 400_000 + b'"x"]]}', JSON),
        (json.dumps({f"c{n}": n for n in range(60_000)}).encode(), JSON),
        (b"1.5," + b"x" * 100_000 + b",a\n", CSV),
        (b"[" * 100_000, JSON),
        (b'{"x":' * 100_000, JSON),
        (b"[" * 100_000 + b"]" * 100_000, JSON_LINES),
        (b"[" * 1000 + b"]" * 1000, JSON),
    ],
    ids=range(10),
)
def test_large_nonsense(service: Rows | Arrays, body: bytes, content_type: str) -> None:
    """A million columns, or brackets without end: told quickly and briefly."""
    start = perf_counter()

    with pytest.raises(RequestError) as caught:
        decode(service, body, content_type, limit=4 * LIMIT)

    assert perf_counter() - start < SECONDS
    assert len(str(caught.value)) < 1500


VALID = {
    JSON: [b'[{"x": 1, "count": 2, "y": null}]', b'{"instances": [[1, 2, 3.5]]}'],
    JSON_LINES: [b'{"pixels": [1, 2]}\n[1, 2]\n'],
    CSV: [b"x,count,y\n1,2,3\n4,5,6\n", b'1.5,2,"a"\n'],
    NPY: [npy([[1.0, 2, 3]]), npy([1, 2]), npy(np.zeros(2, "f4,i2")), b"PK\x03\x04" + b"0" * 60],
}


@st.composite
def nearly_valid(draw: st.DrawFn) -> tuple[bytes, str]:
    """Return a body that is right but for a few bytes, or any bytes."""
    content_type = draw(st.sampled_from(list(VALID)))
    if draw(st.booleans()):
        return draw(st.binary()), content_type
    body = bytearray(draw(st.sampled_from(VALID[content_type])))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.integers(0, 4)))
        body[start:end] = draw(st.binary(max_size=3) | st.sampled_from([b"9" * 15, b"(", b"'"]))
    return bytes(body), content_type


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.filterwarnings("ignore::UserWarning")
@given(request=nearly_valid())
def test_any_bytes_are_rows_or_refused(service: Any, request: tuple[bytes, str]) -> None:
    """No body fails the server: it is rows, or the client's mistake."""
    with suppress(RequestError):
        assert len(decode(service, *request).rows)
