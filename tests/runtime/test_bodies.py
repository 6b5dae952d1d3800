"""The bytes of a body before they are rows: compression, charset, and how large they become."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest

from container.prediction.messages import CSV, JSON, JSON_LINES, RequestError
from tests.runtime.rows import LIMIT, ONE, Row, decode, refusal

LINE = b"1.5,2,a\n"
PACKED = gzip.compress(LINE, mtime=0)


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip", "identity", ""])
def test_encoding(encoding: str) -> None:
    """A body may be compressed, or as it is."""
    assert decode(Row, PACKED if "zip" in encoding.lower() else LINE, CSV, encoding).rows == [ONE]


@pytest.mark.parametrize(
    ("body", "encoding", "status", "words"),
    [
        (LINE, "gzip", 400, "is not gzip"),
        (PACKED[:-1], "gzip", 400, "not one whole gzip file"),
        (PACKED[:-8] + b"\0" * 8, "gzip", 400, "is not gzip"),
        (PACKED + b"more", "gzip", 400, "not one whole gzip file"),
        (PACKED + PACKED, "gzip", 400, "not one whole gzip file"),
        (gzip.compress(b"", mtime=0), "gzip", 400, "is empty"),
        (zlib.compress(LINE), "deflate", 415, "Content-Encoding deflate is not supported"),
        (PACKED, "gzip, gzip", 415, "is not supported"),
    ],
)
def test_broken_compression(body: bytes, encoding: str, status: int, words: str) -> None:
    """What cannot be decompressed as a whole is no request."""
    found, text = refusal(Row, body, CSV, encoding)

    assert found == status
    assert words in text


@pytest.mark.parametrize(("size", "fits"), [(LIMIT - 1, True), (LIMIT, True), (LIMIT + 1, False)])
def test_limit_is_that_of_the_rows(size: int, fits: bool) -> None:
    """A body may become as large as one that is sent as it is."""
    packed = gzip.compress(LINE.ljust(size, b"\n"))

    if fits:
        assert decode(Row, packed, CSV, "gzip").rows == [ONE]
    else:
        assert refusal(Row, packed, CSV, "gzip")[0] == 413


@pytest.mark.parametrize("content_type", [JSON, CSV])
def test_bomb(content_type: str) -> None:
    """A few bytes that stand for 64 MiB take no more memory than the limit."""
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(64)) + packer.flush()
    tracemalloc.start()
    try:
        with pytest.raises(RequestError, match="larger than") as caught:
            decode(Row, bomb, content_type, "gzip")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert caught.value.status == 413
    assert peak < len(bomb) + 4 * LIMIT


@pytest.mark.parametrize(
    "content_type",
    [
        "TEXT/CSV",
        " text/csv ; header=present",
        'text/csv; charset="UTF-8"',
        "text/csv;charset=utf8",
        "text/csv; charset=us-ascii",
    ],
)
def test_charset(content_type: str) -> None:
    """UTF-8, by any of its names."""
    assert decode(Row, LINE, content_type).rows == [ONE]


@pytest.mark.parametrize("charset", ["latin-1", '"iso-8859-1"', "nonsense"])
@pytest.mark.parametrize("content_type", [JSON, CSV])
def test_other_charset(content_type: str, charset: str) -> None:
    """Letters that would be read as others are refused before they are."""
    status, text = refusal(Row, LINE, f"{content_type}; charset={charset}")

    assert (status, charset.strip('"') in text, "Send UTF-8" in text) == (415, True, True)


@pytest.mark.parametrize("content_type", [JSON, JSON_LINES])
def test_text_of_windows(content_type: str) -> None:
    """A byte order mark is no part of the text; UTF-16, of which no header tells, is refused."""
    text = '{"size": 1.5, "count": 2, "name": "a"}'

    assert decode(Row, text.encode("utf-8-sig"), content_type).rows == [ONE]
    assert refusal(Row, text.encode("utf-16"), content_type)[0] == 400
