"""A row of all kinds of fields; one place is more than the model can take, another takes long."""

from __future__ import annotations

import datetime
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from mldock.serving import ModelService
from pydantic import BaseModel, ConfigDict, Field


class Place(BaseModel):
    """A place on the earth."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class House(BaseModel):
    """A house that is for sale, as an agent would describe it."""

    model_config = ConfigDict(extra="forbid")

    area: float = Field(
        gt=0, le=9999, examples=[84.5], description="Living space, in square metres."
    )
    rooms: int = Field(ge=1, le=30, examples=[4])
    kind: Literal["flat", "house", "farm"] = Field("flat", description="As it is registered.")
    garden: bool = False
    built: datetime.date | None = Field(None, description="When it was finished, if known.")
    district: str = Field(min_length=2, examples=["Anne's <b>town</b>"])
    heated: bool | None = None
    place: Place
    asked: Annotated[list[float], Field(min_length=3, max_length=3)]


class Price(BaseModel):
    """What it is worth."""

    price: float
    confidence: float = Field(ge=0, le=1)
    district: str
    classes: dict[str, float]


class Service(ModelService[House, Price]):
    """Guesses what a house is worth."""

    input_type = House
    output_type = Price

    def load(self, model_dir: Path) -> None:
        """There is nothing to load."""

    def predict(self, rows: Sequence[House]) -> list[Price]:
        """Multiply."""
        if any(row.district == "Nowhere" for row in rows):
            raise ArithmeticError("who would know")
        if any(row.district == "Far away" for row in rows):
            time.sleep(3)
        classes = {"cheap": 0.07, "fair": 0.81, "dear": 0.12}
        return [
            Price(price=1000 * row.area, confidence=0.8, district=row.district, classes=classes)
            for row in rows
        ]
