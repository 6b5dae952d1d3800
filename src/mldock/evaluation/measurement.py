"""What a trainer measures: the answers that the server will give to held-out rows."""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
from mldock import ContainerError
from mldock.evaluation.comparison import Service
from mldock.evaluation.conversion import Conversion, input_name
from mldock.serving.decoding import Decoder
from mldock.serving.inference import ROWS_AT_ONCE, Inference
from mldock.serving.messages import JSON, Request, RequestError
from mldock.serving.service import ArrayService, ModelService
from pydantic import BaseModel

PROGRESS_SECONDS = 10

log = logging.getLogger(__name__)


def predict_as_served(service: Service, rows: Any) -> dict[str, list[Any]]:
    """Return the answers that clients of the server would get to rows.

    Each row goes the way of a request: it is written as JSON, read, checked against the input type,
    converted and predicted, in batches like the server's; the answer is written and read again.
    Metrics that are computed from these answers alone are those of the server.

    Args:
        service: The service, with its model loaded and `batch_invariant` set.
        rows: Held-out rows: for an ArrayService an array of shape (rows, columns), for a
            ModelService a list of objects as clients send them, or of the input type.

    Returns:
        For each field of the output type a list with a value for each row.

    Raises:
        ContainerError: The server would refuse a row or fail at it, or the conversion of the rows
            changes an answer; the message names the row or the column, and the remedy.

    """
    inference = Inference(service, Decoder(service, sys.maxsize))
    conversion = Conversion(service)
    names = {
        name: field.serialization_alias or name
        for name, field in service.output_type.model_fields.items()
    }
    columns: dict[str, list[Any]] = {name: [] for name in names}
    size = ROWS_AT_ONCE if service.batch_invariant else 1
    told = time.monotonic()
    for start in range(0, len(rows), size):
        if time.monotonic() - told > PROGRESS_SECONDS:
            told = time.monotonic()
            log.info("%d of %d held-out rows are measured", start, len(rows))
        batch = rows[start : start + size]
        received = read_rows(service, batch, start)
        [response] = inference.answer([Request(to_json(batch), JSON, JSON)])
        answers = orjson.loads(response.body)
        if response.status >= 500:
            raise ContainerError(f"The server fails at held-out rows: {answers['error']}")
        if response.status != 200:
            raise refusal(answers["error"], start)
        conversion.add(batch, received)
        for name, shown in names.items():
            columns[name] += [answer[shown] for answer in answers]
    conversion.check(len(rows))
    return columns


def read_rows(service: Service, rows: Any, start: int = 0) -> Any:
    """Return rows as the model gets them when they come in a request.

    Raises:
        ContainerError: The server would refuse one.

    """
    if not isinstance(service, ArrayService | ModelService):
        raise ContainerError(
            "A StreamService answers a row in parts: measure what its `predict` yields, instead of "
            "check_batch_invariance and predict_as_served."
        )
    if isinstance(service, ArrayService) and np.ndim(rows) != 2:
        raise ContainerError("The rows are not an array of shape (rows, columns). Give one.")
    if isinstance(service, ModelService) and not isinstance(rows, Sequence):
        raise ContainerError(
            f"A {type(rows).__name__} is not a list of rows. Give objects as clients send them; of "
            'a DataFrame, `frame.to_dict("records")`.'
        )
    decoder = Decoder(service, sys.maxsize)
    try:
        return decoder.read([decoder.parse(Request(to_json(rows)))])
    except RequestError as error:
        raise refusal(str(error), start) from error


def to_json(rows: Any) -> bytes:
    """Return rows as the body of a request."""
    if isinstance(rows, Sequence):
        rows = [to_object(row) if isinstance(row, BaseModel) else row for row in rows]
    else:
        rows = np.asarray(rows).tolist()
    try:
        return orjson.dumps(rows, option=orjson.OPT_SERIALIZE_NUMPY)
    except TypeError as error:
        raise ContainerError(f"Held-out rows cannot be sent as JSON: {error}.") from error


def to_object(row: BaseModel) -> dict[str, Any]:
    """Return a row as a client sends it: it is checked by other names than it is written by."""
    values = row.model_dump(mode="json", by_alias=True)
    return {
        input_name(name, field): values[field.serialization_alias or name]
        for name, field in type(row).model_fields.items()
    }


def refusal(words: str, start: int) -> ContainerError:
    """Return the error that tells the server's words about a row of a batch."""
    text = re.sub(r"(^|; )row (\d+)", lambda match: f"{match[1]}row {int(match[2]) + start}", words)
    return ContainerError(
        f"The server refuses a held-out row: {text}. Fix the data, or let the input type of "
        "`Service` in src/prediction.py admit it."
    )
