"""Answers to a body, in the format that the client accepts."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import orjson
from mldock.serving.codecs.npy import write_npy
from mldock.serving.codecs.tables import Shape
from mldock.serving.messages import CSV, JSON, JSON_LINES, NPY, RequestError
from pydantic import BaseModel

FORMATS = (JSON, CSV, JSON_LINES, NPY)

# Columns by name, each with one value a row.
Answers = Mapping[str, Sequence[Any]]


@lru_cache(maxsize=256)
def negotiate(accept: str, content_type: str) -> str:
    """Return the format of the answer: of those accepted the preferred one, by quality.

    Where the client accepts anything, the answer to CSV is CSV and to JSON lines JSON lines, as
    batch transform expects; the rest is answered with JSON.

    Raises:
        RequestError: 406, none is accepted.

    """
    sent = content_type.partition(";")[0].strip().lower()
    own = sent if sent in (CSV, JSON_LINES) else JSON
    offers = [own, *(known for known in FORMATS if known != own)]
    qualities = dict(map(read_range, (accept or "*/*").lower().split(",")))

    def quality(offer: str) -> float:
        """The most specific range counts (RFC 9110, 12.5.1)."""
        for pattern in (offer, offer.partition("/")[0] + "/*", "*/*"):
            if pattern in qualities:
                return qualities[pattern]
        return 0

    best = max(offers, key=quality)
    if quality(best) <= 0:
        fault = f"Accept: {accept} is not supported. Accept one of: {', '.join(FORMATS)}."
        raise RequestError(406, fault)
    return best


def read_range(text: str) -> tuple[str, float]:
    """Read one part of Accept: a type or a range, and its quality."""
    name, *parameters = (part.strip() for part in text.split(";"))
    try:
        quality = [float(one[2:]) for one in parameters if one.startswith("q=")]
    except ValueError:
        return name, 0
    return name, quality[0] if quality else 1


def to_columns(answers: Any, names: Mapping[str, str]) -> Answers:
    """Turn what a model returned, columns or rows, into columns of Python's own values.

    Args:
        answers: By field, or instances of the output type.
        names: What clients call the fields.

    """
    if isinstance(answers, Mapping):
        return {name: np.asarray(answers[field]).tolist() for field, name in names.items()}
    rows = [answer.model_dump(mode="json", by_alias=True) for answer in answers]
    return {name: [row[name] for row in rows] for name in names.values()}


def encode(answers: Answers, shape: Shape, content_type: str) -> bytes:
    """Write answers in a format that `negotiate` returned."""
    if content_type == NPY:
        return write_npy(answers)
    if content_type == CSV:
        return write_csv(zip(*answers.values(), strict=True))
    rows = to_rows(answers)
    if content_type == JSON_LINES:
        return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
    if shape == "one":
        return orjson.dumps(rows[0])
    return orjson.dumps({"predictions": rows} if shape == "instances" else rows)


def to_rows(answers: Answers) -> list[dict[str, Any]]:
    """Return the answers row by row; filled by columns, which is four times as fast."""
    rows: list[dict[str, Any]] = [{} for _ in next(iter(answers.values()))]
    for name, values in answers.items():
        for row, value in zip(rows, values, strict=True):
            row[name] = value
    return rows


class Lines(list[str]):
    """A file for `csv` that keeps the lines without their ends."""

    def write(self, line: str) -> None:
        """Take a line that ends in CRLF."""
        self.append(line[:-2])


def write_csv(rows: Any) -> bytes:
    """Write one row a line, without a header."""
    lines = Lines()
    # Told of CRLF, Python before 3.13 too quotes a text that holds a lone carriage return.
    csv.writer(lines, lineterminator="\r\n").writerows(rows)
    return "\n".join([*lines, ""]).encode()


def to_line(answer: BaseModel) -> bytes:
    """Write one part of a streamed answer as a line of JSON."""
    return orjson.dumps(answer.model_dump(mode="json", by_alias=True)) + b"\n"
