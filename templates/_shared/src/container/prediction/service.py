"""What the server needs to know of a model. `src/prediction.py` implements it as `Service`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel

Input = TypeVar("Input", bound=BaseModel)
Output = TypeVar("Output", bound=BaseModel)


class ModelService(ABC, Generic[Input, Output]):
    """A model that answers rows with rows.

    Attributes:
        input_type: The type of a row of a request. Its fields, in their order, are the columns
            of a CSV row; one field that is a list takes the whole row.
        output_type: The type of a row of the answer.

    """

    input_type: type[Input]
    output_type: type[Output]

    @abstractmethod
    def load(self, model_dir: Path) -> None:
        """Load what the trainer saved; runs once, before the workers start."""

    @abstractmethod
    def predict(self, rows: Sequence[Input]) -> Sequence[Output]:
        """Answer each row, in order. Calls never overlap within a worker."""
