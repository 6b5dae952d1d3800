"""Rows that the tests of the server send and get, and models that they are sent to."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from mldock.serving.decoding import Decoder
from mldock.serving.inference import Inference
from mldock.serving.messages import CSV, JSON, JSON_LINES, Request, RequestError, Response
from mldock.serving.service import ArrayService, BaseService, ModelService
from mldock.serving.validation import Shape
from numpy.typing import ArrayLike, DTypeLike, NDArray
from pydantic import BaseModel, ConfigDict, Field

LIMIT = 2**20
TEXTS = (JSON, JSON_LINES, CSV)


class Decoded(NamedTuple):
    """What a request asks."""

    rows: Any
    shape: Shape


class Row(BaseModel):
    """A row of several types."""

    model_config = ConfigDict(extra="forbid")

    size: float = Field(gt=0)
    count: int
    name: str = "unnamed"


class Point(BaseModel):
    """A row of numbers."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    x: float = Field(ge=-100, le=100)
    count: int
    y: float | None = None


class Pixels(BaseModel):
    """A row that is a list."""

    pixels: list[float]


class Words(BaseModel):
    """A row that is a list of words."""

    words: list[str]


class Rows(ModelService[Any, Any]):
    """Gives back the rows it is given."""

    def __init__(self, row_type: type[BaseModel]) -> None:
        self.input_type = self.output_type = row_type

    def load(self, model_dir: Path) -> None:
        """There is nothing to load."""

    def predict(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Answer each row with itself."""
        return rows


class Arrays(ArrayService[Any, Any]):
    """Gives back the rows of numbers it is given."""

    def __init__(self, row_type: type[BaseModel], dtype: DTypeLike = np.float64) -> None:
        self.input_type = self.output_type = row_type
        self.dtype = dtype

    def load(self, model_dir: Path) -> None:
        """There is nothing to load."""

    def predict(self, features: NDArray[Any]) -> Mapping[str, ArrayLike]:
        """Answer each row with itself."""
        return dict(zip(self.output_type.model_fields, features.T, strict=True))


def decode(
    service: BaseService[Any, Any] | type[BaseModel],
    body: bytes,
    content_type: str = JSON,
    encoding: str = "",
    limit: int = LIMIT,
) -> Decoded:
    """Read a request to a model, or to one that takes rows of a type."""
    model = service if isinstance(service, BaseService) else Rows(service)
    decoder = Decoder(model, limit)
    table = decoder.parse(Request(body, content_type, encoding=encoding))
    return Decoded(decoder.read([table]), table.shape)


def refusal(
    service: BaseService[Any, Any] | type[BaseModel],
    body: bytes,
    content_type: str = JSON,
    encoding: str = "",
) -> tuple[int, str]:
    """Return the status and the text of the refusal of a wrong body."""
    with pytest.raises(RequestError) as caught:
        decode(service, body, content_type, encoding)
    return caught.value.status, str(caught.value)


def answer(
    service: ModelService[Any, Any] | ArrayService[Any, Any],
    body: bytes,
    content_type: str = JSON,
    accept: str = "",
) -> Response:
    """Let a model answer a request."""
    (response,) = Inference(service, Decoder(service, LIMIT)).answer(
        [Request(body, content_type, accept)]
    )
    return response


def to_array(rows: Sequence[BaseModel]) -> NDArray[Any]:
    """Return what an ArrayService gets for rows that a ModelService would get."""
    values = [[getattr(row, name) for name in type(row).model_fields] for row in rows]
    if isinstance(values[0][0], list | tuple):
        values = [list(value) for (value,) in values]
    return np.array(values, np.float64)


def npy(array: ArrayLike) -> bytes:
    """Return an array as numpy saves it."""
    file = io.BytesIO()
    np.save(file, np.asarray(array))
    return file.getvalue()


ONE = Row(size=1.5, count=2, name="a")
TWO = Row(size=2.5, count=3, name="b")
OBJECTS = [ONE.model_dump(), TWO.model_dump()]
LISTS = [[1.5, 2, "a"], [2.5, 3, "b"]]
