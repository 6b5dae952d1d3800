"""Writes docs/configuration.md from the schema of mldock.json and the code that reads variables."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

from scripts.docs.variables import GROUPS

ROOT = Path(__file__).absolute().parents[2]
PAGE = ROOT / "docs" / "configuration.md"
EXAMPLE = ROOT / "docs" / "examples" / "mldock.json"
SCHEMA = ROOT / "templates" / "_shared" / "src" / "container" / "mldock.schema.json"
CODE = [ROOT / "templates" / name / "src" for name in ("_shared", "pytorch", "sklearn")]

HEAD = """\
<!-- Written by python -m scripts.docs: edit the schema's code and scripts/docs/, not this page. -->
# Configuration

A project has two places for values: `mldock.json`, which is under version control, and variables of
the environment, which say what differs from one machine to the next. Hyperparameters are typed in
`src/trainer.py` ([how they are filled](lifecycle.md#hyperparameters)).

- [mldock.json](#mldockjson): a project's own values, and those of its stages
- [Variables of the environment](#variables-of-the-environment)

## mldock.json

An editor that knows JSON Schema completes and checks the file: its first line names the schema. A
key that nobody reads is refused. No value may be a secret ([Secrets](deploy/secrets.md)). The
[whole example](examples/mldock.json) has every key once; a project needs `image_name` alone.
"""

VARIABLES = """
## Variables of the environment

In production they are set where the container is started. `nox -s train` and `nox -s serve` take
them from `environment` in `mldock.json` and from `-e NAME VALUE`, both without `MLDOCK_`, and from
`.env`, with it. An empty variable counts as absent.
"""

# The parts, in the order of the page; a link to one stands for its type.
TITLES = {
    "Stage": "A stage",
    "DeclaredChannel": "A channel",
    "Sagemaker": "SageMaker",
    "Network": "The network of SageMaker",
    "Training": "Training on SageMaker",
    "Endpoint": "The endpoint",
    "DataCapture": "Data capture",
    "Autoscaling": "Autoscaling",
    "Batch": "Batch transform",
    "Kubernetes": "Kubernetes",
}


def page() -> str:
    """Return the page."""
    schema = json.loads(SCHEMA.read_text("utf-8"))
    examples = {"": json.loads(EXAMPLE.read_text("utf-8"))}
    examples["Sagemaker"] = cloud = examples[""]["sagemaker"]
    examples["Network"] = cloud["network"]
    examples["Training"] = cloud["training"]
    examples["Endpoint"] = cloud["endpoint"]
    examples["DataCapture"] = cloud["endpoint"]["data_capture"]
    examples["Autoscaling"] = cloud["endpoint"]["autoscaling"]
    examples["Batch"] = cloud["batch"]
    examples["Kubernetes"] = examples[""]["kubernetes"]
    examples["DeclaredChannel"] = examples[""]["stages"]["prod"]["data"][0]

    lines = [HEAD, *keys(schema, examples[""])]
    for name, title in TITLES.items():
        part = schema["$defs"][name]
        lines += ["", f"### {title}", "", part["description"], ""]
        if name == "Stage":
            lines.append(
                f"Its keys, as above: {', '.join(f'`{key}`' for key in part['properties'])}."
            )
        else:
            lines += keys(part, examples[name])
    return "\n".join([*lines, VARIABLES, *variables()])


def keys(part: dict[str, Any], example: dict[str, Any]) -> list[str]:
    """Return a table with a line for each key of an object, in the order of the example."""
    rows = []
    for key, value in example.items():
        schema = part["properties"][key]
        shown = "" if definition(schema) else code(json.dumps(value, ensure_ascii=False))
        rows.append((f"`{key}`", kind(schema), default(part, key), meaning(schema), shown))
    return rows_of(("key", "type", "default", "what it is", "example"), rows)


def definition(schema: dict[str, Any]) -> str | None:
    """Return the definition that a value refers to, itself, as one of a list or by name."""
    text = json.dumps(schema)
    found = re.search(r"#/\$defs/(\w+)", text)
    return found[1] if found else None


def meaning(schema: dict[str, Any]) -> str:
    """Say what a value is, and what it must be."""
    texts = [schema.get("description", "The schema that an editor checks the file by.")]
    bounds = [schema, *schema.get("anyOf", [])]
    for words, key in (("From", "minimum"), ("Above", "exclusiveMinimum"), ("At most", "maximum")):
        texts += [f"{words} {bound[key]}." for bound in bounds if key in bound]
    if "enum" in schema:
        texts.append(f"{' or '.join(code(value) for value in schema['enum'])}.")
    return " ".join(texts)


def kind(schema: dict[str, Any]) -> str:
    """Name the type of a value; a part of the page explains one that is an object."""
    if name := definition(schema):
        many, link = schema.get("type"), f"(#{anchor(TITLES[name])})"
        forms = {"array": f"list of [objects]{link}", "object": f"[objects]{link} by name"}
        return forms.get(many or "", f"[object]{link}")
    if "anyOf" in schema:
        kinds = [kind(one) for one in schema["anyOf"] if one["type"] != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if schema["type"] == "array":
        return f"list of {kind(schema['items'])}s"
    if values := schema.get("additionalProperties"):
        return "anything by name" if values is True else f"{kind(values)} by name"
    names = {"boolean": "true or false", "integer": "number", "string": "text"}
    name = str(schema["type"])
    return names.get(name, name)


def default(part: dict[str, Any], key: str) -> str:
    """Say what holds where a key is absent."""
    schema = part["properties"][key]
    if key in part.get("required", []):
        return "**needed**"
    if schema.get("default") is None or definition(schema):
        return ""
    return code(json.dumps(schema["default"]))


def variables() -> list[str]:
    """Return a table for each group of variables."""
    numbers = defaults()
    lines = []
    for title, group in GROUPS.items():
        rows = [
            (
                code(one.name),
                one.kind,
                numbers[one.name] if one.default is None else one.default,
                one.meaning,
                code(one.example),
            )
            for one in group
        ]
        header = ("variable", "value", "default", "what it does", "example")
        lines += [f"### {title}", "", *rows_of(header, rows), ""]
    return lines


def defaults() -> dict[str, str]:
    """Return the numbers that stand behind the names of variables in the code."""
    found = {}
    for path in sorted(path for folder in CODE for path in folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            values = node.args if isinstance(node, ast.Call) else getattr(node, "elts", [])
            for name, number in pairwise(values):
                if isinstance(name, ast.Constant) and isinstance(number, ast.Constant):
                    found[str(name.value)] = str(number.value)
    return found


def rows_of(header: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """Return the lines of a table."""
    cells = [list(header), ["---"] * len(list(header)), *rows]
    return [f"| {' | '.join(row)} |" for row in cells]


def code(text: str) -> str:
    """Return text as code."""
    return f"`{text}`"


def anchor(title: str) -> str:
    """Return the anchor of a heading."""
    return title.lower().replace(" ", "-")
