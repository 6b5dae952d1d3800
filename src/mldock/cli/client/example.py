"""What belongs to the owner: an application that uses the client, and the project file of both."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Template

from mldock.cli.client.document import REFERENCE, Json, Model
from mldock.cli.client.package import FILES, FOLDER
from mldock.cli.environment import ROOT

OWNED = ("pyproject.toml", "application.py")
PAYLOADS = ("payload.csv", "payload.json")

# What a line of a CSV file becomes: its cells by their names, of which some are texts whatever
# they look like; or the list that is all of a row.
NAMED = "{name: value(cell) for name, cell in line.items() if cell}"
MIXED = NAMED.replace("value(cell)", "cell if name in TEXTS else value(cell)")
LISTED = "{$field: [value(cell) for cell in line.values()]}"

# How rows are answered: all at once, or one after another, each with lines of JSON.
AT_ONCE = "predict.sync(client=client, body=rows) or []"
IN_PARTS = """[
    $answer.from_dict(json.loads(line))
    for row in rows
    for line in (predict.sync(client=client, body=row) or "").splitlines()
]"""


def write(model: Model, package: str) -> Iterator[Path]:
    """Write what is not there yet, and yield what is."""
    values = values_of(model, package)
    for name in OWNED:
        path = FOLDER / name
        if path.exists():
            yield path
            continue
        text = Template((FILES / f"{name}.txt").read_text(encoding="utf-8")).substitute(values)
        path.write_text(text, encoding="utf-8")
        if path.suffix == ".py":
            # The names of the types may be too long for the lines that they stand in.
            ruff = [sys.executable, "-m", "ruff", "format", "--quiet", "--no-cache", str(path)]
            subprocess.run(ruff, check=True)


def values_of(model: Model, package: str) -> dict[str, str]:
    """Return what the files have of the model."""
    row, answer = (class_of(name, package) for name in (model.row, model.answer))
    return {
        "package": package,
        "project": package.replace("_", "-"),
        # TOML knows no halves of a character, as JSON writes some.
        "title": json.dumps(model.document["info"]["title"], ensure_ascii=False),
        "payload": payload(),
        "row": row,
        "answer": answer,
        "models": ", ".join(sorted({row, answer})),
        "answers": Template(IN_PARTS if model.streams else AT_ONCE).substitute(answer=answer),
        "number": "part" if model.streams else "row",
        **cells_of(model),
    }


def cells_of(model: Model) -> dict[str, str]:
    """Return how the cells of a line become a row, and the constant that it needs."""
    schemas = model.document["components"]["schemas"]
    fields = schemas[model.row]["properties"]
    found = {name: kinds(field, schemas) for name, field in fields.items()}
    if list(found.values()) == [{"array"}]:
        return {
            "cells": Template(LISTED).substitute(field=json.dumps(next(iter(found)))),
            "constants": "",
        }
    texts = [name for name in found if "string" in found[name]]
    constants = f"# Columns of texts, whatever these look like.\nTEXTS = {texts}\n" if texts else ""
    return {"cells": MIXED if texts else NAMED, "constants": constants}


def kinds(schema: Json, schemas: Json) -> set[str]:
    """Return the types of JSON that a schema allows."""
    if "$ref" in schema:
        return kinds(schemas[schema["$ref"].removeprefix(REFERENCE)], schemas)
    options = schema.get("anyOf") or schema.get("oneOf") or []
    found = {kind for option in options for kind in kinds(option, schemas)}
    return found | ({schema["type"]} if "type" in schema else set())


def class_of(schema: str, package: str) -> str:
    """Return what the generator calls the class of a schema."""
    listed = (FOLDER / package / "models" / "__init__.py").read_text(encoding="utf-8")
    known: dict[str, str] = {plain(name): name for name in re.findall(r'"(\w+)"', listed)}
    return known[plain(schema)]


def plain(name: str) -> str:
    """Return the letters and digits of a name, in which case does not count."""
    return re.sub(r"[\W_]", "", name).lower()


def payload() -> str:
    """Return the name of a file of rows that the project has."""
    return next((name for name in PAYLOADS if (ROOT / name).is_file()), "FILE")
