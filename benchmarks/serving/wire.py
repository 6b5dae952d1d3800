"""How each product wants its rows, and where in its answer the labels are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

Rows = Sequence[Sequence[float]]


@dataclass(frozen=True)
class Wire:
    """The form of requests and answers.

    Attributes:
        path: Where requests are sent.
        encode: Makes the body of a request.
        decode: Takes the labels out of the body of an answer.
        content_type: What the body is.

    """

    path: str
    encode: Callable[[Rows], bytes]
    decode: Callable[[bytes], list[str]]
    content_type: str = "application/json"


def texts(labels: Sequence[Any]) -> list[str]:
    """Return labels in the form in which they are compared."""
    return [str(label) for label in labels]


def first_fields(body: bytes) -> list[str]:
    """Read the answer of a generated project: the label is the first field of a row."""
    return texts([next(iter(row.values())) for row in orjson.loads(body)["predictions"]])


def encode_tensor(rows: Rows) -> bytes:
    """Write the Open Inference Protocol, version 2."""
    data = [value for row in rows for value in row]
    shape = [len(rows), len(rows[0])]
    tensor = {"name": "rows", "shape": shape, "datatype": "FP64", "data": data}
    return orjson.dumps({"inputs": [tensor]})


def encode_csv(rows: Rows) -> bytes:
    """Write lines without a header."""
    return "".join(",".join(map(str, row)) + "\n" for row in rows).encode()


def predictions(body: bytes) -> list[str]:
    """Read labels under the word that most products use."""
    return texts(orjson.loads(body)["predictions"])


OURS = Wire("/invocations", lambda rows: orjson.dumps({"instances": rows}), first_fields)
OURS_PIXELS = Wire(
    "/invocations",
    lambda rows: orjson.dumps({"instances": [{"pixels": row} for row in rows]}),
    first_fields,
)
HAND_WRITTEN = Wire("/invocations", lambda rows: orjson.dumps({"instances": rows}), predictions)
LITSERVE = Wire("/predict", HAND_WRITTEN.encode, predictions)
BENTOML = Wire("/predict", HAND_WRITTEN.encode, lambda body: texts(orjson.loads(body)))
MLFLOW = Wire("/invocations", lambda rows: orjson.dumps({"inputs": rows}), predictions)
MLSERVER = Wire(
    "/v2/models/model/infer",
    encode_tensor,
    lambda body: texts(orjson.loads(body)["outputs"][0]["data"]),
)
CLASSIC = Wire("/invocations", encode_csv, lambda body: body.decode().split(), "text/csv")
