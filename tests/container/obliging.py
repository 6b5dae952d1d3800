"""A model that gives each row its number back, after what the row asks it to do."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

from mldock.serving import ModelService
from pydantic import BaseModel, Field

LEAKED: list[bytes] = []


class Row(BaseModel):
    """What to give back, and what to do before."""

    number: int = Field(examples=[1])
    deed: Literal["", "sleep", "think", "leak", "fail"] = Field("", examples=[""])
    amount: float = Field(0, ge=0, examples=[0])


class Answer(BaseModel):
    """The number, and which worker gives it back."""

    number: int
    worker: int


class Service(ModelService[Row, Answer]):
    """Does as it is asked to."""

    input_type = Row
    output_type = Answer
    batch_invariant = True

    def load(self, model_dir: Path) -> None:
        """Take as long, or fail, as the test wants."""
        time.sleep(float(os.environ.get("TEST_LOAD_SECONDS", 0)))
        if "TEST_LOAD_FAILS" in os.environ:
            raise OSError(f"{model_dir}: the weights are missing")
        # As OpenMP's threads do, those of the pool work for `predict`, and do not survive a fork.
        self.weights = b"x" * (int(os.environ.get("TEST_LOAD_MB", 0)) * 2**20)
        self.pool = ThreadPoolExecutor(1) if "TEST_LOAD_THREADS" in os.environ else None
        if self.pool:
            self.pool.submit(int).result()

    def predict(self, rows: Sequence[Row]) -> list[Answer]:
        """Do what each row asks for."""
        for row in rows:
            if row.deed:
                do(row.deed, row.amount)
        if self.pool:
            self.pool.submit(int).result()
        return [Answer(number=row.number, worker=os.getpid()) for row in rows]


def do(deed: str, amount: float) -> None:
    """Sleep or think for seconds, leak megabytes, or fail."""
    end = time.monotonic() + amount
    if deed == "sleep":
        time.sleep(amount)
    elif deed == "leak":
        LEAKED.append(b"x" * int(amount * 2**20))
        time.sleep(0.1)
    elif deed == "fail":
        raise RuntimeError("as asked for")
    else:
        # As most models do, it keeps the interpreter.
        while time.monotonic() < end:
            pass
