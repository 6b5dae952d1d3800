"""Environment variables that hold a number."""

from __future__ import annotations

import math
from collections.abc import Mapping

from mldock.errors import ContainerError


def float_from_env(variables: Mapping[str, str], name: str, default: float) -> float:
    """Return the number that a variable holds, or the default if it is absent or empty.

    Raises:
        ContainerError: It holds something else, or a number that is not above zero.

    """
    text = variables.get(name) or str(default)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise ContainerError(f"{name}={text} is no positive number. Correct it.")
    return value


def int_from_env(
    variables: Mapping[str, str], name: str, default: int, least: int, most: int
) -> int:
    """Return the whole number that a variable holds, or the default if it is absent or empty.

    Raises:
        ContainerError: It holds something else, or a number out of bounds.

    """
    text = variables.get(name) or str(default)
    if not text.isascii() or not text.isdecimal() or not least <= int(text) <= most:
        raise ContainerError(
            f"{name}={text} is no whole number from {least} to {most}. Correct it."
        )
    return int(text)
