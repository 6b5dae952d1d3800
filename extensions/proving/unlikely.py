"""Values that no project has, to see what of it a template still holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from extensions.model import Tree
from extensions.options.parameters import Parameter

WORDS = (
    "quokka",
    "zephyr",
    "lantern",
    "obsidian",
    "marmot",
    "thimble",
    "gazebo",
    "kumquat",
    "narwhal",
    "bobbin",
    "juniper",
    "walrus",
    "sextant",
    "pumice",
    "dulcimer",
    "yodel",
    "ocelot",
    "fjord",
    "quiver",
    "brioche",
)


def unlikely_answers(
    files: Tree, answers: Mapping[str, Any], parameters: Iterable[Parameter]
) -> dict[str, Any]:
    """Return an answer for each text and parameter that stands nowhere in a project.

    Each is of several words, and valid for its question; the same project gives the same ones.
    Two values of a yes or no there are, so a parameter of that type gets the other one.
    """
    seen = b"\n".join([path.encode() for path in files] + [file.content for file in files.values()])
    texts = unseen_words(seen.lower())
    numbers = unseen_numbers(seen)

    def words() -> tuple[str, str, str]:
        return next(texts)

    def text_of(name: str) -> str:
        first, second, third = words()
        return {
            # No two of its forms are alike.
            "project_name": f"{first} {second.title()}-{third}",
            "description": f"Counts each {first} of a {second}, and its {third}.",
            # What is derived from it differs from it.
            "image_name": f"{first}/{second}.{third}",
            "base_image": f"{first}/{second}:{third}",
        }[name]

    def value_of(parameter: Parameter) -> object:
        if parameter.type == "bool":
            return not parameter.default
        if parameter.type == "str":
            first, second, third = words()
            return f"{first} {second.title()}-{third}"
        number = next(numbers)
        return number if parameter.type == "int" else number / 100_000

    named = ("project_name", "description", "image_name", "base_image")
    texts_of = {name: text_of(name) for name in named if answers.get(name)}
    return texts_of | {parameter.name: value_of(parameter) for parameter in parameters}


def unseen_words(seen: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield three words at a time that a text in small letters does not hold; none twice."""
    words = (word + "q" * number for number in count() for word in WORDS)
    fresh = (word for word in words if word.encode() not in seen)
    while True:
        yield next(fresh), next(fresh), next(fresh)


def unseen_numbers(seen: bytes) -> Iterator[int]:
    """Yield numbers of five digits and more that a text does not hold."""
    return (number for number in count(70_007, 101) if str(number).encode() not in seen)
