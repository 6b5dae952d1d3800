"""A value of a pydantic type, as a person would make one up."""

from __future__ import annotations

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
    match schema.get("type"):
        case "object":
            return make_object(schema, types)
        case "array":
            return make_list(schema, types)
        case "integer" | "number":
            return make_number(schema)
        case "string" if "pattern" in schema:
            raise ValueError(f"its pattern is {schema['pattern']}")
        case "string":
            text = TEXTS.get(schema.get("format", ""), "text")
            return text[: schema.get("maxLength")].ljust(schema.get("minLength", 0), "t")
        case "boolean":
            return False
    return None


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
    """Return a number between its bounds."""
    is_integer = schema["type"] == "integer"
    step = schema.get("multipleOf", int(is_integer))
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if low is None:
        number = (1 if high is None else high) - 1
    else:
        number = low + max(step, 1) if high is None else (low + high) / 2
    if step:
        # The next multiple below; the one above where that is too small.
        number = number // step * step
        if low is not None and (number < low or number == schema.get("exclusiveMinimum")):
            number += step
    return int(number) if is_integer else float(number)
