"""The interface between the server and a model; `src/prediction.py` implements it as `Service`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray
from pydantic import BaseModel

Input = TypeVar("Input", bound=BaseModel)
Output = TypeVar("Output", bound=BaseModel)

Decoders = Mapping[str, Callable[[bytes], list[Any]]]
"""Content types, each with a function that turns a body of it into rows."""


class BaseService(ABC, Generic[Input, Output]):
    """What all models have in common; choose one of its three subclasses.

    Attributes:
        input_type: The pydantic model of a row of a request. Its fields, in their order, are the
            columns of a CSV row; one field that is a list takes the whole row.
        output_type: The pydantic model of a row of the answer.
        batch_invariant: Whether each answer depends on its own row alone, so that waiting requests
            may share one prediction; `load` sets it to what `is_batch_invariant` returns.
        decoders: Content types of your own, such as `image/png`, beside JSON, CSV and the others.

    """

    input_type: type[Input]
    output_type: type[Output]
    batch_invariant: bool = False
    decoders: ClassVar[Decoders] = {}

    @abstractmethod
    def load(self, model_dir: Path) -> None:
        """Load what the trainer saved; runs once for all workers, before their first request.

        Where the model then has threads, which no fork survives, it runs in each worker.

        Args:
            model_dir: The directory that was `environment.model_dir` for the trainer; it may be
                read-only.

        Raises:
            Exception: Any ends the server, with its message in the log.

        """


class ModelService(BaseService[Input, Output]):
    """A model that predicts rows of any kind: text, nested values, lists of any length."""

    @abstractmethod
    def predict(self, rows: Sequence[Input]) -> Sequence[Output]:
        """Return one output for each row, in the same order.

        Calls never overlap within a worker.

        Raises:
            RequestError: The rows cannot be predicted, and the client is told why.
            Exception: Any other is answered with status 500, and is in the log.

        """


class ArrayService(BaseService[Input, Output]):
    """A model that predicts rows of numbers, which it gets as one array: this is the fastest.

    Attributes:
        dtype: The type of the array. A number that it cannot hold is refused.

    """

    dtype: DTypeLike = np.float64

    @abstractmethod
    def predict(self, features: NDArray[Any]) -> Mapping[str, ArrayLike]:
        """Return the predictions of an array of shape (rows, columns).

        Calls never overlap within a worker.

        Args:
            features: An array of `dtype`, with one column for each field of `input_type`; a value
                that is absent is NaN.

        Returns:
            For each field of `output_type` a column of length rows.

        Raises:
            RequestError: The rows cannot be predicted, and the client is told why.
            Exception: Any other is answered with status 500, and is in the log.

        """


class StreamService(BaseService[Input, Output]):
    """A model that answers one row in parts, each sent as a line of JSON as soon as it is made."""

    @abstractmethod
    def predict(self, row: Input) -> Iterator[Output]:
        """Yield the parts of the answer.

        Calls never overlap within a worker. When the client closes the connection, the generator is
        closed: clean up in `finally`.

        Raises:
            RequestError: Before the first part, the client gets its status; after it, a last line
                with the error. The same holds for any other exception, as status 500.

        """
