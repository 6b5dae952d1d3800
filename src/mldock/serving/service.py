"""What the server needs to know of a model. `src/prediction.py` implements it as `Service`."""

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

# Content types, each with what turns a body of it into rows.
Decoders = Mapping[str, Callable[[bytes], list[Any]]]


class BaseService(ABC, Generic[Input, Output]):
    """What all models have in common. Choose one of the three below.

    Attributes:
        input_type: The type of a row of a request. Its fields, in their order, are the columns
            of a CSV row; one field that is a list takes the whole row.
        output_type: The type of a row of the answer.
        row_independent: An answer depends on its own row alone, so that requests that wait may
            share one prediction. `load` sets it to what `is_batch_invariant` returns.
        decoders: Content types beside JSON, CSV and the others, such as `image/png`.

    """

    input_type: type[Input]
    output_type: type[Output]
    row_independent: bool = False
    decoders: ClassVar[Decoders] = {}

    @abstractmethod
    def load(self, model_dir: Path) -> None:
        """Load what the trainer saved; runs once, before the workers are forked."""


class ModelService(BaseService[Input, Output]):
    """A model that answers rows of any kind with rows."""

    @abstractmethod
    def predict(self, rows: Sequence[Input]) -> Sequence[Output]:
        """Answer each row, in order. Calls never overlap within a worker."""


class ArrayService(BaseService[Input, Output]):
    """A model that answers rows of numbers: it gets them as one array, which is much faster.

    Attributes:
        dtype: The type of the numbers. A number that it cannot hold is refused.

    """

    dtype: DTypeLike = np.float64

    @abstractmethod
    def predict(self, features: NDArray[Any]) -> Mapping[str, ArrayLike]:
        """Answer an array of shape (rows, columns); a value that is absent is NaN.

        Returns one column for each field of `output_type`, as long as the array. Calls never
        overlap within a worker.
        """


class StreamService(BaseService[Input, Output]):
    """A model that answers one row with many, each sent as soon as it is there."""

    @abstractmethod
    def predict(self, row: Input) -> Iterator[Output]:
        """Yield the parts of the answer. Calls never overlap within a worker.

        Where the client leaves, the generator is closed: `finally` is the place to tidy up.
        """
