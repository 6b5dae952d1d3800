"""Answers that no project has, to see what of the original ones a template still holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from extensions.model import Tree
from extensions.parameters import Parameter
from extensions.runtime import QUESTION

_WORDS = """
    quokka zephyr lantern obsidian marmot thimble gazebo kumquat narwhal bobbin juniper walrus
    sextant pumice dulcimer yodel ocelot fjord quiver brioche
"""
WORDS = tuple(_WORDS.split())


def sentinel_answers(
    files: Tree, answers: Mapping[str, Any], parameters: Iterable[Parameter]
) -> dict[str, Any]:
    """Return an answer for each text and parameter that occurs nowhere in a project.

    Each is of several words, and valid for its question; the same project gives the same ones.
    A bool has only two values, so a parameter of that type gets the other one.
    """
    seen = b"\n".join([path.encode() for path in files] + [file.content for file in files.values()])
    words = (word + "q" * number for number in count() for word in WORDS)
    fresh = (word for word in words if word.encode() not in seen.lower())
    numbers = (number for number in count(70_007, 101) if str(number).encode() not in seen)
    found: dict[str, Any] = {}
    for name in ("project_name", "description", "image_name", "base_image", QUESTION):
        if answers.get(name):
            first, second, third = next(fresh), next(fresh), next(fresh)
            found[name] = {
                # No two of its variants are alike.
                "project_name": f"{first} {second.title()}-{third}",
                "description": f"Counts each {first} of a {second}, and its {third}.",
                # What is derived from it differs from it.
                "image_name": f"{first}/{second}.{third}",
                "base_image": f"{first}/{second}:{third}",
                QUESTION: f"mldock-runtime @ https://{first}.example/{second}-{third}.whl",
            }[name]
    for parameter in parameters:
        found[parameter.name] = _value(parameter, fresh, numbers)
    return found


def _value(parameter: Parameter, fresh: Iterator[str], numbers: Iterator[int]) -> object:
    if parameter.type == "bool":
        return not parameter.default
    if parameter.type == "str":
        return f"{next(fresh)} {next(fresh).title()}-{next(fresh)}"
    number = next(numbers)
    return number if parameter.type == "int" else number / 100_000
