"""docs/configuration.md: it is what the code gives, and it leaves nothing out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from container.lifecycle.project import Project
from container.prediction.settings import read_settings
from scripts.docs import configuration, pictures
from scripts.docs.configuration import CODE, EXAMPLE, PAGE
from scripts.docs.variable import Variable
from scripts.docs.variables import GROUPS, INTERNAL
from tests.project import ROOT

VARIABLES = {variable.name: variable for group in GROUPS.values() for variable in group}
EXAMPLES = [variable for variable in VARIABLES.values() if "SERVER" in variable.name]


@pytest.mark.parametrize(
    ("path", "text"),
    [(PAGE, configuration.page()), *pictures.files().items()],
    ids=lambda value: value.stem if isinstance(value, Path) else "",
)
def test_is_not_stale(path: Path, text: str) -> None:
    """A change of the schema or of a setting needs the page written anew."""
    assert path.read_text("utf-8") == text, "Run: python -m scripts.docs"


def test_every_variable_is_told() -> None:
    """What the code of a project reads, in any of its templates, is on the page, or is internal."""
    folders = [*CODE, ROOT / "templates" / "generic" / "src", ROOT / "templates/_shared/tools"]
    code = "\n".join(
        path.read_text("utf-8")
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in (".py", ".sh", ".conf") or path.name.endswith(".py.jinja")
    )
    named = set(re.findall(r"\bMLDOCK_[A-Z_]*[A-Z]\b(?!_)", code))
    named |= {name + "_<NAME>" for name in re.findall(r"\bMLDOCK_[A-Z_]+CHANNEL(?=_\")", code)}
    page = PAGE.read_text("utf-8")
    # What the help calls a variable of any name.
    named -= {"MLDOCK_NAME"}

    assert {"MLDOCK_STAGE", "MLDOCK_HOSTS_PORT", "MLDOCK_INPUT_CHANNEL_<NAME>"} <= named
    assert {name for name in named - INTERNAL if f"`{name}`" not in page} == set()
    assert {name for name in INTERNAL if name not in code} == set()
    stems = {name.removesuffix("_<NAME>") for name in VARIABLES}
    assert {name for name in stems if name not in code} == set()


def test_defaults_of_the_server() -> None:
    """What the page says holds without a variable holds."""
    settings = read_settings({})

    def default(name: str) -> str:
        told = VARIABLES[name].default or configuration.defaults()[name]
        return told.replace("`", "").split(";")[0]

    assert default("SAGEMAKER_BIND_TO_PORT") == str(settings.port)
    assert default("SAGEMAKER_MAX_PAYLOAD_IN_MB") == str(settings.max_body_mb)
    assert default("MLDOCK_SERVER_TIMEOUT") == str(settings.timeout)
    assert default("MLDOCK_SERVER_DRAIN") == str(settings.drain)
    assert default("MLDOCK_SERVER_METRICS_PORT") == str(settings.metrics_port)
    assert (default("MLDOCK_SERVER_DOCS") == "on") == settings.docs
    assert (default("MLDOCK_SERVER_RELOAD") == "on") == settings.reload


@pytest.mark.parametrize("variable", EXAMPLES, ids=lambda variable: variable.name)
def test_examples_of_the_server(variable: Variable) -> None:
    """The server takes the example of each of its variables, and it makes a difference."""
    assert read_settings({variable.name: variable.example}) != read_settings({})


def test_example_of_mldock_json() -> None:
    """The whole example is valid, at its stage too, and has every key."""
    project = Project.model_validate_json(EXAMPLE.read_text("utf-8"))

    assert project.at_stage("prod").tag == "stable"
    assert project.model_fields_set == set(Project.model_fields)
    keys = set(re.findall(r'"(\w+)":', EXAMPLE.read_text("utf-8")))
    schema = Project.model_json_schema()
    for part in schema["$defs"].values():
        assert set(part["properties"]) <= keys, part["title"]
    assert json.dumps(schema, indent=2) + "\n" == configuration.SCHEMA.read_text("utf-8")
