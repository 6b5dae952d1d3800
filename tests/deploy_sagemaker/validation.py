"""What AWS' own service models say of a request: members, types, lengths, ranges and patterns.

The SDK itself looks at members, types and least lengths; SageMaker refuses the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
from botocore.validate import ParamValidator

# Java's spelling of what Python spells otherwise: what lies beyond 16 bits, and what is printable.
SPELLINGS = {
    r"\uD800\uDC00-\uDBFF\uDFFF": r"\U00010000-\U0010FFFF",
    r"\p{Print}": "[ -~]",
}


@cache
def service(name: str) -> Any:
    """Return the model of a service."""
    return botocore.session.get_session().get_service_model(name)


def request_faults(service_name: str, operation: str, content: Any) -> list[str]:
    """Return what is wrong with a request."""
    return faults(service(service_name).operation_model(operation).input_shape, content)


def answer_faults(service_name: str, operation: str, content: Any) -> list[str]:
    """Return what is wrong with an answer."""
    return faults(service(service_name).operation_model(operation).output_shape, content)


def faults(shape: Any, content: Any) -> list[str]:
    """Return what is wrong with the content of a shape, each with its place."""
    if shape is None:
        return []
    report = ParamValidator().validate(content, shape)
    said = report.generate_report().splitlines() if report.has_errors() else []
    return said or list(limits(shape, content, shape.name))


def limits(shape: Any, value: Any, place: str) -> Iterator[str]:
    """Yield what the greatest length or size, the choice and the pattern forbid."""
    rules, kind = shape.metadata, shape.type_name
    size = len(value) if isinstance(value, str | list | dict) else value
    if "max" in rules and size > rules["max"]:
        yield f"{place}: {value!r} is more than {rules['max']}"
    if kind == "string" and shape.enum and value not in shape.enum:
        yield f"{place}: {value!r} is none of {shape.enum}"
    if kind == "string" and "pattern" in rules and not matches(rules["pattern"], value):
        yield f"{place}: {value!r} is not like {rules['pattern']}"
    if kind == "structure":
        for name, part in value.items():
            yield from limits(shape.members[name], part, f"{place}.{name}")
    elif kind == "list":
        for part in value:
            yield from limits(shape.member, part, place)
    elif kind == "map":
        for key, part in value.items():
            yield from limits(shape.key, key, f"{place}, key {key!r}")
            yield from limits(shape.value, part, f"{place}.{key}")


def matches(pattern: str, text: str) -> bool:
    """Return whether a text is as a pattern of a model says."""
    if r"\p{L}" in pattern:
        # Python has no such classes; only tags use them, with these signs.
        return all(sign.isalnum() or sign.isspace() or sign in "_.:/=+-@" for sign in text)
    for java, python in SPELLINGS.items():
        pattern = pattern.replace(java, python)
    return re.fullmatch(pattern, text) is not None
