"""The bytes of a body: decompressed, and of one charset."""

from __future__ import annotations

import zlib
from functools import lru_cache

from mldock.serving.messages import Request, RequestError

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@lru_cache(maxsize=256)
def media_type(header: str) -> str:
    """Return a content type without its parameters.

    Raises:
        RequestError: 415, its charset is one that nobody here reads.

    """
    name, _, parameters = header.lower().partition(";")
    charset = parameters.partition("charset=")[2].partition(";")[0].strip(' "')
    if charset not in ("", "utf-8", "utf8", "us-ascii"):
        raise RequestError(415, f"The charset {charset} is not supported. Send UTF-8.")
    return name.strip()


def read_body(request: Request, limit: int) -> bytes:
    """Return the plain bytes of a body.

    Raises:
        RequestError: 400 for an empty or broken body, 413 for one that becomes larger than
            `limit` bytes, 415 for an encoding that nobody here reads.

    """
    body = request.body
    if request.encoding not in ("", "identity"):
        body = decompress(body, request.encoding, limit)
    body = body.removeprefix(BYTE_ORDER_MARK)
    if not body or body.isspace():
        raise RequestError(400, "The body is empty. Send at least one row.")
    return body


def decompress(body: bytes, encoding: str, limit: int) -> bytes:
    """Decompress gzip, no further than `limit`: a few bytes may stand for gigabytes."""
    if encoding.lower() not in ("gzip", "x-gzip"):
        raise RequestError(415, f"Content-Encoding {encoding} is not supported. Send gzip.")
    gzip = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        plain = gzip.decompress(body, limit + 1)
    except zlib.error as error:
        raise RequestError(
            400, f"The body is not gzip: {error}. Send gzip, or no Content-Encoding."
        ) from error
    if len(plain) > limit:
        raise RequestError(
            413, f"Decompressed, the body is larger than {limit:,} bytes. Send fewer rows."
        )
    if not gzip.eof or gzip.unused_data:
        raise RequestError(400, "The body is not one whole gzip file. Send all of it, and no more.")
    return plain
