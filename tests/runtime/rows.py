"""Rows that the tests of the codecs send and get."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header


class Row(BaseModel):
    """A row of several types."""

    model_config = ConfigDict(extra="forbid")

    size: float = Field(gt=0)
    count: int
    name: str = "unnamed"


class Pixels(BaseModel):
    """A row that is a list."""

    pixels: list[float]


class Words(BaseModel):
    """A row that is a list of words."""

    words: list[str]


ONE = Row(size=1.5, count=2, name="a")
TWO = Row(size=2.5, count=3, name="b")
OBJECTS = [ONE.model_dump(), TWO.model_dump()]
LISTS = [[1.5, 2, "a"], [2.5, 3, "b"]]


def accept(header: str) -> MIMEAccept:
    """Parse the header Accept as Flask does."""
    return parse_accept_header(header, MIMEAccept)
