"""A value of a pydantic type, as a person would make one up."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from pydantic import BaseModel, ValidationError

Json = dict[str, Any]

# JSON Schema's formats; any other text is "text".
TEXTS = {
    "date": "2000-01-31",
    "date-time": "2000-01-31T12:00:00Z",
    "duration": "PT1H",
    "time": "12:00:00Z",
    "uri": "https://example.org/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
BOUNDS = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")


def example(input_type: type[BaseModel]) -> dict[str, Any]:
    """Return a row: the first of the `examples` of each field, else its default, else any value.

    Raises:
        ValueError: No value of a field can be guessed.

    """
    schema = input_type.model_json_schema()
    try:
        row: dict[str, Any] = make(schema, schema.get("$defs", {}))
        input_type.model_validate(row)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        reason = f"{'.'.join(map(str, fault['loc'])) or 'the row'}: {fault['msg']}"
    except ValueError as error:
        reason = str(error)
    else:
        return row
    remedy = "Give the field one: Field(examples=[...])."
    raise ValueError(f"No example of {input_type.__name__} can be made: {reason}. {remedy}")


def make(schema: Json, types: dict[str, Json]) -> Any:
    """Return a value of a schema, whose references are to `types`."""
    if schema.get("examples"):
        return schema["examples"][0]
    for known in ("default", "const"):
        if known in schema:
            return schema[known]
    if "enum" in schema:
        return schema["enum"][0]
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in types:
            raise ValueError(f"{name} holds itself")
        return make(types[name], {key: types[key] for key in types if key != name})
    options = schema.get("anyOf") or schema.get("oneOf") or []
    for option in options:
        try:
            return make(option, types)
        except ValueError:
            if option is options[-1]:
                raise
    maker = {"object": make_object, "array": make_list, "string": make_text}.get(
        schema.get("type", "")
    )
    if maker:
        return maker(schema, types)
    if schema.get("type") in ("integer", "number"):
        return make_number(schema)
    return False if schema.get("type") == "boolean" else None


def make_object(schema: Json, types: dict[str, Json]) -> Json:
    """Return an object with all of its fields."""
    row = {}
    for name, field in schema.get("properties", {}).items():
        try:
            row[name] = make(field, types)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
    return row


def make_list(schema: Json, types: dict[str, Json]) -> list[Any]:
    """Return a list that is as short as it may be, but not empty where it need not be."""
    values = [make(item, types) for item in schema.get("prefixItems", [])]
    needed, most = schema.get("minItems", 0), schema.get("maxItems", 1)
    try:
        item = [make(schema["items"], types)] if "items" in schema else []
    except ValueError:
        if needed:
            raise
        item = []
    missing: int = max(needed, min(most, 1)) - len(values)
    return values + item * missing


def make_number(schema: Json) -> int | float:
    """Return a number near the middle of its bounds."""
    is_integer = schema["type"] == "integer"
    step = Fraction(str(schema.get("multipleOf", int(is_integer))))
    bounds = {key: Fraction(str(value)) for key, value in schema.items() if key in BOUNDS}
    lows = [bounds[key] for key in BOUNDS[:2] if key in bounds]
    highs = [bounds[key] for key in BOUNDS[2:] if key in bounds]
    if lows and highs:
        number = (max(lows) + min(highs)) / 2
    else:
        number = max(lows) + max(step, Fraction(1)) if lows else min(highs, default=Fraction(1)) - 1
    if step:
        # The next multiple below; the one above where that is too small.
        number = number // step * step
        if number < max(lows, default=number) or number == bounds.get("exclusiveMinimum"):
            number += step
    return int(number) if is_integer else float(number)


def make_text(schema: Json, _types: dict[str, Json]) -> str:
    """Return a text of its format, or of one letter that its pattern lets be repeated."""
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength", 64)
    if "pattern" not in schema:
        return str(TEXTS.get(schema.get("format", ""), "text")[:longest].ljust(shortest, "t"))
    for length in range(shortest, longest + 1):
        for letter in "aA0":
            if re.search(schema["pattern"], letter * length):
                return letter * length
    raise ValueError(f"no text is known that matches {schema['pattern']}")
