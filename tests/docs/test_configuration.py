"""docs/configuration.md leaves nothing out, and has nothing that is not so."""

from __future__ import annotations

import json
import re

import pytest
from mldock.project import Project
from mldock.serving.settings import read_settings

from tests.project import ROOT

PAGE = (ROOT / "docs/configuration.md").read_text("utf-8")
EXAMPLE = (ROOT / "docs/examples/mldock.json").read_text("utf-8")
SCHEMA = (ROOT / "src/mldock/mldock.schema.json").read_text("utf-8")
READERS = [
    *(ROOT / "templates" / name / "src" for name in ("_shared", "pytorch", "sklearn", "generic")),
    ROOT / "src/mldock",
]
# One part of the container sets them for another: nobody else needs them.
INTERNAL = {"MLDOCK_RUN_FILE", "MLDOCK_SERVER_FORK", "MLDOCK_SERVER_STATE"}
# What the help calls a variable of any name.
PLACEHOLDERS = {"MLDOCK_NAME"}
# Each line of a table of the page that begins with code, its cells without marks.
ROWS = [
    [cell.strip().replace("`", "") for cell in line.strip("| ").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("| `")
]
SERVER = {name: cells for name, *cells in ROWS if "SERVER" in name or "SAGEMAKER" in name}


def test_variables() -> None:
    """The page has every variable that a project's code reads, and no other."""
    code = "\n".join(
        path.read_text("utf-8")
        for folder in READERS
        for path in folder.rglob("*")
        if path.suffix in (".py", ".sh", ".conf") or path.name.endswith(".py.jinja")
    )
    read = set(re.findall(r"\bMLDOCK_[A-Z_]*[A-Z]\b(?!_)", code))
    read |= {f"{name}_<NAME>" for name in re.findall(r"\bMLDOCK_[A-Z_]+CHANNEL(?=_\")", code)}
    told = set(re.findall(r"`((?:MLDOCK|SAGEMAKER)_[A-Z_]*[A-Z](?:_<NAME>)?)`", PAGE))

    assert {"MLDOCK_STAGE", "MLDOCK_HOSTS_PORT", "MLDOCK_INPUT_CHANNEL_<NAME>"} <= read
    assert read - INTERNAL - PLACEHOLDERS - told == set()
    assert {name for name in told if name.removesuffix("_<NAME>") not in code} == set()


def test_keys() -> None:
    """The page has every key of mldock.json, with its default; the schema is that of the code."""
    schema = Project.model_json_schema()
    assert json.loads(SCHEMA) == schema
    told = {(name, cells[1]) for name, *cells in ROWS}

    for part in (schema, *schema["$defs"].values()):
        for key, value in part["properties"].items():
            if part.get("title") == "Stage":
                assert f"`{key}`" in PAGE
            elif isinstance(value.get("default"), str | int | bool):
                assert (key, json.dumps(value["default"])) in told
            else:
                assert key in {name for name, _ in told}


def test_defaults_of_the_server() -> None:
    """What the page says holds without a variable holds."""
    settings = read_settings({})

    def default(name: str) -> str:
        return SERVER[name][1].split(";")[0]

    assert default("SAGEMAKER_BIND_TO_PORT") == str(settings.port)
    assert default("SAGEMAKER_MAX_PAYLOAD_IN_MB") == str(settings.max_body_mb)
    assert default("MLDOCK_SERVER_TIMEOUT") == str(settings.timeout)
    assert default("MLDOCK_SERVER_DRAIN") == str(settings.drain)
    assert default("MLDOCK_SERVER_METRICS_PORT") == str(settings.metrics_port)
    assert (default("MLDOCK_SERVER_DOCS") == "on") == settings.docs
    assert (default("MLDOCK_SERVER_RELOAD") == "on") == settings.reload


@pytest.mark.parametrize("name", SERVER)
def test_examples_of_the_server(name: str) -> None:
    """The server takes the example of each of its variables, and it makes a difference."""
    assert read_settings({name: SERVER[name][3]}) != read_settings({})


def test_example_of_mldock_json() -> None:
    """The whole example is valid, at its stage too, and has every key."""
    project = Project.model_validate_json(EXAMPLE)

    assert project.at_stage("prod").tag == "stable"
    assert project.model_fields_set == set(Project.model_fields)
    keys = set(re.findall(r'"(\w+)":', EXAMPLE))
    for part in Project.model_json_schema()["$defs"].values():
        assert set(part["properties"]) <= keys, part["title"]
