"""What the reference says of a variable of the environment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Variable:
    """A variable that the container reads.

    Attributes:
        name: `<NAME>` stands for what a person chooses.
        kind: What it holds.
        meaning: What it does.
        example: A value.
        default: What holds without it; None where the code says it as a number.

    """

    name: str
    kind: str
    meaning: str
    example: str
    default: str | None = ""
