"""A model that answers part by part."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from mldock.serving import StreamService
from pydantic import BaseModel, Field


class Beginning(BaseModel):
    """What to go on with."""

    text: str = Field(min_length=1, examples=["Once upon a time"])


class Word(BaseModel):
    """What comes next."""

    word: str


class Service(StreamService[Beginning, Word]):
    """Goes on with a text."""

    input_type = Beginning
    output_type = Word

    def load(self, model_dir: Path) -> None:
        """There is nothing to load."""

    def predict(self, row: Beginning) -> Iterator[Word]:
        """Yield what was said, and another word, much later where that is asked for."""
        yield Word(word=row.text)
        time.sleep(1 if row.text == "slowly" else 0)
        if row.text == "badly":
            raise ArithmeticError("nobody knows how it goes on")
        yield Word(word="end")
