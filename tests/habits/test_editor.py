"""What an editor knows of mldock.json."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mldock import ContainerError
from mldock.project import read_project

from tests.project import ROOT

SCHEMA = ROOT / "src/mldock/mldock.schema.json"
WHOLE = ROOT / "docs/examples/mldock.json"

# Editors differ in which of them they take a schema for that does not say it.
DRAFTS = [
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2020-12/schema",
]

MISTAKES: dict[str, dict[str, Any]] = {
    "misspelt": {"hyperparameter": {}},
    "type": {"hosts": "two"},
    "limit": {"hosts": 0},
    "form": {"version": "next"},
    "in_a_stage": {"stages": {"prod": {"tags": "x"}}},
    "in_a_channel": {"data": [{"name": "training", "direction": "inwards"}]},
    "in_a_section": {"sagemaker": {"endpoint": {"instance_count": 0}}},
}


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Write a file for each mistake."""
    paths = {name: tmp_path / f"{name}.json" for name in MISTAKES}
    for name, path in paths.items():
        path.write_text(json.dumps({"image_name": "iris", **MISTAKES[name]}), "utf-8")
    return paths


@pytest.mark.parametrize("draft", DRAFTS)
def test_editor_says_what_the_commands_say(
    draft: str, files: dict[str, Path], tmp_path: Path
) -> None:
    """By either draft the whole example is right, and each mistake is one."""
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps({"$schema": draft, **json.loads(SCHEMA.read_bytes())}), "utf-8")
    tool = Path(sys.executable).with_name("check-jsonschema")
    result = subprocess.run(
        [tool, "--output-format", "json", "--schemafile", schema, WHOLE, *files.values()],
        stdout=subprocess.PIPE,
        timeout=300,
    )

    found = {Path(error["filename"]).stem for error in json.loads(result.stdout)["errors"]}
    assert found == set(MISTAKES)
    read_project(WHOLE)
    for path in files.values():
        with pytest.raises(ContainerError, match="is not valid"):
            read_project(path)


def test_every_key_is_explained() -> None:
    """What an editor shows at a key is never empty."""
    schema = json.loads(SCHEMA.read_bytes())
    objects = {"mldock.json": schema, **schema["$defs"]}
    silent = [
        f"{name}: {key}"
        for name, part in objects.items()
        for key, value in part.get("properties", {}).items()
        if not value.get("description")
    ]

    assert silent == []
