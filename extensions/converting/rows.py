"""What a request looks like: the type of a row, as payload.json of the old project has it."""

from __future__ import annotations

import csv
import io
import json
import keyword
import re
from dataclasses import dataclass, field
from typing import Any

from extensions.converting.hyperparameters import TAKEN, literal
from extensions.model import File

# What `mldock projects init` writes.
EXAMPLE = {"feature1": 10, "feature2": "groupA"}

# Of more columns nobody writes the names.
WIDEST = 100
SCALARS = (bool, int, float, str)


@dataclass(frozen=True)
class Rows:
    """The rows of a request.

    Attributes:
        fields: The lines of the type of a row.
        call: What the old handler is called with, for each row or for all rows.
        each: Whether it is called for each row.
        examples: Rows by the names of their fields; none if payload.json told nothing.
        payload: payload.json as the server takes it now, if it differs.

    """

    fields: list[str]
    call: str
    each: bool = False
    examples: list[dict[str, Any]] = field(default_factory=list)
    payload: Any = None

    @property
    def csv(self) -> str | None:
        """The same rows as CSV with a header; None if a value is no single one."""
        names = list(self.examples[0]) if self.examples else []
        same = all(list(row) == names for row in self.examples)
        if not names or not same or not all(map(is_flat, self.examples)):
            return None
        text = io.StringIO()
        writer = csv.DictWriter(text, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.examples)
        return text.getvalue()


def rows_of(file: File | None) -> Rows:
    """Return the rows of a request, from an example of one."""
    try:
        value = json.loads(file.content) if file else None
    except ValueError:
        value = None
    key, items, each = None, value, False
    payload: Any = None
    if isinstance(value, dict) and value != EXAMPLE:
        inner = next(iter(value.values()), None)
        if len(value) == 1 and isinstance(inner, list) and is_rows(inner):
            key, items = next(iter(value)), inner
            payload = None if key == "instances" else {"instances": inner}
        else:
            items, each = [value], True
    elif isinstance(value, list) and value and all(isinstance(item, SCALARS) for item in value):
        items, each, payload = [value], True, [value]
    if not isinstance(items, list) or not is_rows(items):
        return Rows(["    value: Any"], "[row.value for row in rows]")
    fields, one, examples = columns_of(items)
    together = f"[{one} for row in rows]"
    call = one if each else f"{{{literal(key)}: {together}}}" if key else together
    return Rows(fields, call, each, examples, payload)


def is_rows(items: list[Any]) -> bool:
    """Say whether these are rows: objects, or lists of values."""
    return bool(items) and any(
        all(isinstance(item, kind) and item for item in items) for kind in (dict, list)
    )


def columns_of(items: list[Any]) -> tuple[list[str], str, list[dict[str, Any]]]:
    """Return fields, what one row was to the old handler, and the rows by field."""
    if isinstance(items[0], dict):
        names = list(dict.fromkeys(name for item in items for name in item))
        taken = set(TAKEN)
        fields = [
            field_of(
                name, [item.get(name) for item in items], taken, any(name not in i for i in items)
            )
            for name in names
        ]
        return fields, "row.model_dump(by_alias=True)", items
    width = len(items[0])
    is_table = all(len(item) == width for item in items) and width <= WIDEST
    if is_table and all(is_flat(dict(enumerate(item))) for item in items):
        names = [f"value_{number}" for number in range(1, width + 1)]
        fields = [field_of(name, list(values)) for name, *values in zip(names, *items, strict=True)]
        rows = [dict(zip(names, item, strict=True)) for item in items]
        return fields, "list(dict(row).values())", rows
    return [field_of("values", items)], "row.values", [{"values": item} for item in items]


def field_of(
    name: str, values: list[Any], taken: set[str] | None = None, may_lack: bool = False
) -> str:
    """Return a field of a name not taken yet; a row may lack it if one of the examples does."""
    taken = set(TAKEN) if taken is None else taken
    found = re.sub(r"\W+", "_", name).strip("_") or "value"
    if found[0].isdigit() or found.startswith("model_"):
        found = f"x_{found}"
    while keyword.iskeyword(found) or found in taken:
        found += "_"
    taken.add(found)
    given = ["None"] if may_lack else []
    if found != name:
        given.append(f"alias={literal(name)}")
    alias = f" = Field({', '.join(given)})" if given else ""
    return f"    {found}: {type_of(values)}{alias}"


def type_of(values: list[Any]) -> str:
    """Return the type of values; a number may have a fraction, whatever the example has."""
    present = [value for value in values if value is not None]
    kind = "Any"
    known: list[tuple[Any, str]] = [(bool, "bool"), ((int, float), "float"), (str, "str")]
    for types, name in reversed(known):
        if present and all(isinstance(value, types) for value in present):
            kind = name
    if present and all(isinstance(value, list) for value in present):
        kind = f"list[{type_of([item for value in present for item in value])}]"
    return f"{kind} | None" if len(present) < len(values) and kind != "Any" else kind


def is_flat(row: dict[Any, Any]) -> bool:
    """Say whether a row has single values only."""
    return all(isinstance(value, SCALARS) for value in row.values())
