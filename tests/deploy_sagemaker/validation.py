"""What AWS' own service models say of a request: members, types, lengths, ranges and patterns.

The SDK itself looks at members and types only; SageMaker refuses the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

import botocore.session

# Java's spelling of what Python spells otherwise: what lies beyond 16 bits, and what is printable.
SPELLINGS = {
    r"\uD800\uDC00-\uDBFF\uDFFF": r"\U00010000-\U0010FFFF",
    r"\p{Print}": "[ -~]",
}

TYPES: dict[str, Any] = {
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "string": (str,),
    "timestamp": (int, float, datetime),
    "list": (list,),
    "map": (dict,),
    "structure": (dict,),
}


@cache
def service(name: str) -> Any:
    """Return the model of a service."""
    return botocore.session.get_session().get_service_model(name)


def request_faults(service_name: str, operation: str, content: Any) -> list[str]:
    """Return what is wrong with a request."""
    shape = service(service_name).operation_model(operation).input_shape
    return list(faults(shape, content, operation))


def answer_faults(service_name: str, operation: str, content: Any) -> list[str]:
    """Return what is wrong with an answer."""
    shape = service(service_name).operation_model(operation).output_shape
    return list(faults(shape, content, operation)) if shape else []


def faults(shape: Any, value: Any, place: str) -> Iterator[str]:
    """Yield what is wrong with a value of a shape."""
    if not isinstance(value, TYPES[shape.type_name]):
        yield f"{place}: {value!r} is no {shape.type_name}"
        return
    yield from limits(shape, value, place)
    if shape.type_name == "structure":
        for name in shape.required_members:
            if name not in value:
                yield f"{place}.{name} is missing"
        for name, part in value.items():
            if name not in shape.members:
                yield f"{place}.{name} is not known"
            else:
                yield from faults(shape.members[name], part, f"{place}.{name}")
    elif shape.type_name == "list":
        for number, part in enumerate(value):
            yield from faults(shape.member, part, f"{place}[{number}]")
    elif shape.type_name == "map":
        for key, part in value.items():
            yield from faults(shape.key, key, f"{place}, key {key!r}")
            yield from faults(shape.value, part, f"{place}.{key}")


def limits(shape: Any, value: Any, place: str) -> Iterator[str]:
    """Yield what the length or the size, the choice and the pattern forbid."""
    rules = shape.metadata
    if shape.type_name in {"string", "list", "map"}:
        size: float = len(value)
    elif shape.type_name in {"integer", "long", "float", "double"}:
        size = value
    else:
        return
    if size < rules.get("min", size) or size > rules.get("max", size):
        yield f"{place}: {value!r} is not within {rules.get('min')} and {rules.get('max')}"
    if shape.type_name == "string":
        if shape.enum and value not in shape.enum:
            yield f"{place}: {value!r} is none of {shape.enum}"
        if "pattern" in rules and not matches(rules["pattern"], value):
            yield f"{place}: {value!r} is not like {rules['pattern']}"


def matches(pattern: str, text: str) -> bool:
    """Say whether a text is as a pattern of a model says."""
    if r"\p{L}" in pattern:
        # Python has no such classes; only tags use them, with these signs.
        return all(sign.isalnum() or sign.isspace() or sign in "_.:/=+-@" for sign in text)
    for java, python in SPELLINGS.items():
        pattern = pattern.replace(java, python)
    return re.fullmatch(pattern, text) is not None
