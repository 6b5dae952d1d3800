"""mldock.json: its schema, its stages, and what is said of a wrong one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import mldock
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mldock import ContainerError
from mldock.project import DeclaredChannel, Project, Stage, read_project

RENEW = (
    "mldock.schema.json is not that of the code. Renew it, in src:\n"
    "python -c 'import json; from mldock.project import Project; "
    "print(json.dumps(Project.model_json_schema(), indent=2))' > mldock/mldock.schema.json"
)

PROJECT = Project(
    image_name="test",
    environment={"A": 1, "B": 2},
    hyperparameters={"epochs": 1, "lr": 0.5},
    data=[DeclaredChannel(name="training"), DeclaredChannel(name="report", direction="output")],
    model=[DeclaredChannel(name="net")],
    stages={
        "prod": Stage(
            tag="v1",
            environment={"B": 3},
            hyperparameters={"epochs": 100},
            data=[DeclaredChannel(name="training", remote="s3://bucket/training")],
            model=[DeclaredChannel(name="net", direction="output")],
        ),
        "empty": Stage(),
    },
)


def test_schema_file_is_that_of_the_code() -> None:
    """Editors check mldock.json by the schema that the container reads it with."""
    text = Path(mldock.__file__).with_name("mldock.schema.json").read_text(encoding="utf-8")

    assert text == json.dumps(Project.model_json_schema(), indent=2) + "\n", RENEW


def test_stage_replaces_values() -> None:
    """A stage wins value by value and channel by channel; what it does not name stays."""
    before = PROJECT.model_dump()
    prod = PROJECT.at_stage("prod")

    assert prod.tag == "v1"
    assert prod.environment == {"A": 1, "B": 3}
    assert prod.hyperparameters == {"epochs": 100, "lr": 0.5}
    assert prod.data == [
        DeclaredChannel(name="training", remote="s3://bucket/training"),
        DeclaredChannel(name="report", direction="output"),
    ]
    assert [(channel.name, channel.direction) for channel in prod.model] == [
        ("net", "input"),
        ("net", "output"),
    ]
    # A stage without a tag has its own name as tag.
    assert PROJECT.at_stage("empty").tag == "empty"
    assert PROJECT.at_stage(None) == PROJECT
    assert PROJECT.model_dump() == before
    with pytest.raises(ContainerError, match="no stage 'production'; it has: prod, empty"):
        PROJECT.at_stage("production")


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", ["line 1: the file ends too early"]),
        ("{", ["line 1: the file ends too early: {"]),
        ('{"image_name": "x"', ["line 1: the file ends too early"]),
        ('{\n"image_name": "x",\n\n', ["line 2: the file ends too early: "]),
        ('{\n"image_name": "a\u2028b"\n"tag": 1}', ['line 2: a comma is missing after b"']),
        ("[" * 10_000, ["Invalid JSON: recursion limit exceeded at line 1"]),
        ('{"image_name": ' + "1" * 5_000, ["Invalid JSON: "]),
        ('{\n"image_name": "x"\n\n"tag": "y"\n}', ['line 2: a comma is missing after "x"']),
        ('{\n"image_name": "x",\n}', ["line 2: a comma is one too many"]),
        ('{\n"data": [\n1,\n]}', ["line 3: a comma is one too many"]),
        ("{\n'image_name': 1}", ["line 2: Expecting property name"]),
        ('{\n"image_name": "x\n"}', ["line 2: Invalid control character"]),
        ('{"image_name": "x", "kubernetes": {"namespaces": ""}}', ["kubernetes.namespaces: there"]),
        (
            '{"image_name": "x", "sagemaker": {"training": {"spots": true}}}',
            ["sagemaker.training.spots: there is no such key. Did you mean 'spot'?"],
        ),
        (
            '{"image_name": "x", "stages": {"a": {"data": [{"name": "a", "remotes": "x"}]}}}',
            ["stages.a.data.0.remotes: there is no such key. Did you mean 'remote'?"],
        ),
        ("{}", ["image_name: Field required"]),
        (
            '{"image_name": "x", "stage": {}}',
            ["stage: there is no such key. Did you mean 'stages'?"],
        ),
        (
            '{"image_name": "x", "data": [{"name": "a/b"}], "stages": {"prod": {"tags": 1}}}',
            [
                "data.0.name: String should match",
                "stages.prod.tags: there is no such key. Did you mean 'tag'?",
            ],
        ),
        (
            '{"image_name": "x", "model": [{"name": "a", "direction": "out"}]}',
            ["model.0.direction: Input should be 'input' or 'output'"],
        ),
        ('{"image_name": "x", "environment": {"A": [1]}}', ["environment.A."]),
    ],
)
def test_wrong_file_is_explained(text: str, faults: list[str], tmp_path: Path) -> None:
    """The message names the file, and each fault on a line of its own; and a missing file."""
    path = tmp_path / "mldock.json"
    path.write_text(text)

    with pytest.raises(ContainerError) as caught:
        read_project(path)

    first, *lines = str(caught.value).splitlines()
    assert first == f"{path} is not valid."
    for fault in faults:
        assert any(line.startswith(f"  {fault}") for line in lines)

    path.write_text('{"$schema": "./schema.json", "image_name": "iris"}')
    assert (read_project(path).image_name, read_project(path).tag) == ("iris", "latest")
    path.unlink()
    with pytest.raises(ContainerError, match=r"mldock\.json is missing\. Restore it"):
        read_project(path)


VALID = json.dumps(
    PROJECT.model_dump(mode="json", exclude_unset=True) | {"kubernetes": {"namespace": "ml"}},
    indent=2,
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    place=st.integers(0, len(VALID)),
    inserted=st.one_of(st.none(), st.sampled_from([*"{}[]\",:\n\r\\-1e#'\0\ufeff\u2028", ""])),
)
def test_damaged_file_is_explained(place: int, inserted: str | None, tmp_path: Path) -> None:
    """A file that was cut, or in which a character is wrong, is named with a line that it has."""
    path = tmp_path / "mldock.json"
    text = VALID[:place] if inserted is None else VALID[:place] + inserted + VALID[place + 1 :]
    path.write_text(text, "utf-8")
    try:
        read_project(path)
    except ContainerError as error:
        first, fault = str(error).split("\n", 1)
        assert first == f"{path} is not valid."
        if number := re.search(r"\bline (\d+)", fault):
            assert 1 <= int(number[1]) <= text.count("\n") + 1
        assert number or ": " in fault
