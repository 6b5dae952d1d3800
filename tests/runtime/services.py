"""Services of each kind, for the document that describes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict, Field

from container.prediction.service import ArrayService, ModelService, StreamService


class Flower(BaseModel):
    """An iris, in centimetres."""

    model_config = ConfigDict(extra="forbid")

    length: float = Field(gt=0, examples=[5.1], description="Of the longest petal.")
    width: float = Field(1, gt=0)


class Species(BaseModel):
    """What it is."""

    name: Literal["setosa", "virginica"]
    probability: float = Field(ge=0, le=1)


class Pixels(BaseModel):
    """A row that is a list."""

    pixels: list[float] = Field(min_length=2)


class Shop(BaseModel):
    """A row of several types."""

    flower: Flower
    colour: Literal["red", "blue"] = Field(alias="paint")
    sold: bool | None = None


class Rows(ModelService[Any, Any]):
    """Tells flowers apart."""

    input_type: type[BaseModel] = Flower
    output_type: type[BaseModel] = Species

    def load(self, model_dir: Path) -> None:
        """There is nothing to load."""

    def predict(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Answer nothing."""
        return rows[:0]


class Arrays(ArrayService[Flower, Species]):
    """Tells flowers apart, fast."""

    input_type = Flower
    output_type = Species

    def load(self, model_dir: Path) -> None:
        """There is nothing to load."""

    def predict(self, features: NDArray[Any]) -> Mapping[str, ArrayLike]:
        """Answer nothing."""
        return {"name": features}


class Images(ArrayService[Pixels, Species]):  # noqa: D101 - its types name it
    input_type = Pixels
    output_type = Species

    def load(self, model_dir: Path) -> None:
        """There is nothing to load."""

    def predict(self, features: NDArray[Any]) -> Mapping[str, ArrayLike]:
        """Answer nothing."""
        return {"name": features}


class Shops(Rows):
    """Sees flowers."""

    input_type = Shop
    output_type = Shop
    decoders: ClassVar = {"image/png": lambda _: [{}]}


class Echo(Rows):
    """Gives back what it is given."""

    output_type = Flower


class Words(StreamService[Flower, Species]):
    """Tells a story of a flower."""

    input_type = Flower
    output_type = Species

    def load(self, model_dir: Path) -> None:
        """There is nothing to load."""

    def predict(self, row: Flower) -> Iterator[Species]:
        """Answer half of a certainty."""
        yield Species(name="setosa", probability=row.width / (2 * row.width))
