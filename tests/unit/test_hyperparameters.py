"""Hyperparameters: the places that can set one, which of them wins, and how values are read."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mldock import ContainerError, Environment
from mldock.hyperparameters import decode, read_hyperparameters
from mldock.project import Project
from pydantic import BaseModel, Field

from tests.mldock.conftest import WriteConfig

PROJECT = Project(image_name="test")
VARIABLE = "MLDOCK_HYPERPARAMETERS"


class Schema(BaseModel):
    """The types of the table in SageMaker's contract."""

    lr: float = 0.5
    name: str = "default"
    flag: bool = False
    nested: dict[str, list[int]] = {}
    none: int | None = 7
    epochs: int = Field(1, gt=0)
    optimizer: Literal["adam", "sgd"] = "sgd"
    text: str | None = "default"


def from_variable(environment: Environment, **values: object) -> Schema:
    """Read the schema from the variable alone."""
    variables = {VARIABLE: json.dumps(values)}
    return read_hyperparameters(Schema, Environment(environment.base_dir, variables), PROJECT)


SOURCES = ["mldock.json", "stage", "hyperparameters.json", VARIABLE]


@pytest.mark.parametrize("count", range(len(SOURCES) + 1))
def test_later_source_wins(count: int, tmp_path: Path, write_config: WriteConfig) -> None:
    """Default < mldock.json < stage < hyperparameters.json < variable."""
    given_by = {source: {"name": source} for source in SOURCES[:count]}
    project = Project.model_validate(
        {
            "image_name": "test",
            "hyperparameters": given_by.get("mldock.json", {}) | {"lr": 0.25},
            "stages": {
                "prod": {"hyperparameters": given_by.get("stage", {})},
                "other": {"hyperparameters": {"name": "a stage that is not chosen"}},
            },
        }
    )
    write_config("hyperparameters.json", given_by.get("hyperparameters.json", {}))
    variables = {"MLDOCK_STAGE": "prod", VARIABLE: json.dumps(given_by.get(VARIABLE, {}))}

    values = read_hyperparameters(Schema, Environment(tmp_path, variables), project)

    assert values.name == ["default", *SOURCES][count]
    # What a later source does not name keeps the value of an earlier one.
    assert values.lr == 0.25


@pytest.mark.parametrize("source", ["mldock.json", VARIABLE])
def test_unknown_name_of_a_person_is_refused(source: str, tmp_path: Path) -> None:
    """A misspelt name is an error that names the source, and the names there are."""
    unknown = {"epoch5": 3}
    project = Project(image_name="test", hyperparameters=unknown if source == "mldock.json" else {})
    variables = {VARIABLE: json.dumps(unknown)} if source == VARIABLE else {}

    with pytest.raises(ContainerError) as caught:
        read_hyperparameters(Schema, Environment(tmp_path, variables), project)

    assert str(caught.value).startswith(f"{source}: there is no hyperparameter 'epoch5'.")
    assert "lr, name, flag" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "told"),
    [("epoch5", True), ("sagemaker_program", False), ("_tuning_objective_metric", False)],
)
def test_unknown_name_of_a_platform(
    name: str,
    told: bool,
    environment: Environment,
    write_config: WriteConfig,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It never ends a job; the log tells of it, unless it is one that SageMaker adds itself."""
    write_config("hyperparameters.json", {name: "3", "epochs": "2"})

    with caplog.at_level(logging.WARNING):
        assert read_hyperparameters(Schema, environment, PROJECT).epochs == 2

    assert (f"{name!r} is not declared" in caplog.text) is told


@pytest.mark.parametrize("text", ["{", "[1]"])
def test_variable_must_be_an_object(text: str, tmp_path: Path) -> None:
    """A variable that holds anything but a JSON object is named; an empty one holds nothing."""
    empty = Environment(tmp_path, {VARIABLE: ""})
    assert read_hyperparameters(Schema, empty, PROJECT) == Schema()
    with pytest.raises(ContainerError, match=VARIABLE):
        read_hyperparameters(Schema, Environment(tmp_path, {VARIABLE: text}), PROJECT)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        *[
            ("name", text, text)
            for text in ("001", "1e3", "true", "None", "[1]", "{'a': 1}", "(", "", "{{x}}", "{[1]}")
        ],
        ("epochs", "3", 3),
        ("epochs", "1e3", 1000),
        ("lr", "1", 1.0),
        ("flag", "False", False),
        ("flag", "0", False),
        ("none", "3", 3),
        ("optimizer", '"adam"', "adam"),
        ("text", "None", None),
        ("text", "null", None),
        ("text", "none", "none"),
        ("text", "001", "001"),
    ],
)
def test_declared_type_decides(
    name: str, text: str, value: object, environment: Environment
) -> None:
    """A string becomes what the field declares; text stays text, whatever it looks like."""
    decoded = getattr(from_variable(environment, **{name: text}), name)

    assert decoded == value
    assert type(decoded) is type(value)


@pytest.mark.parametrize("text", ["[" * 100_000, f"({'-' * 100_000}1)"], ids=["list", "signs"])
def test_deep_text_stays_text(text: str, environment: Environment) -> None:
    """What is too deep for the parsers of JSON and Python is text too."""
    assert from_variable(environment, name=text).name == text


# A string that is a JSON string itself would lose its quotes, so launchers cannot pass it bare.
BARE = st.text(st.characters(exclude_categories=["Cs"])).filter(
    lambda text: not text.lstrip().startswith('"')
)
VALUES = st.one_of(
    st.tuples(st.just("lr"), st.floats(allow_nan=False)),
    st.tuples(st.just("name"), BARE),
    st.tuples(st.just("flag"), st.booleans()),
    st.tuples(st.just("nested"), st.dictionaries(st.text(), st.lists(st.integers()))),
    st.tuples(st.just("none"), st.none() | st.integers()),
)


@pytest.mark.parametrize(
    "encode",
    [str, json.dumps, lambda value: value if isinstance(value, str) else json.dumps(value)],
    ids=["SDK v2, Estimator", "SDK v2, framework", "SDK v3, ModelTrainer"],
)
@given(case=VALUES)
def test_encoded_value_comes_back(
    encode: Callable[[object], str], case: tuple[str, object]
) -> None:
    """Whatever the value, it survives the way through each launcher's encoding."""
    name, value = case

    decoded = Schema.model_validate({name: decode(encode(value), Schema.model_fields[name])})

    assert getattr(decoded, name) == value


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("epochs", "many", "integer"),
        ("epochs", "0", "greater than 0"),
        ("optimizer", "adamw", "'adam' or 'sgd'"),
        ("nested", "{'a': ", "dictionary"),
    ],
)
def test_wrong_type_is_explained(
    name: str, value: str, allowed: str, environment: Environment
) -> None:
    """The message names each wrong hyperparameter, what is allowed, and the value."""
    with pytest.raises(ContainerError) as caught:
        from_variable(environment, lr="fast", **{name: value})

    message = str(caught.value)
    assert message.startswith("hyperparameter lr: ")
    assert f"; {name}: " in message
    assert allowed in message
    assert value in message


@pytest.mark.parametrize("value", ["NaN", "Infinity", float("-inf")])
def test_what_is_not_finite(environment: Environment, value: object) -> None:
    """It is refused, also within other values, unless the field allows it; as text it is one."""
    for values in ({"lr": value}, {"steps": {"a": [value]}}):
        with pytest.raises(ContainerError, match=r"hyperparameter (lr|steps): .* is not finite"):
            read_allowing(environment, **values)

    assert not math.isfinite(read_allowing(environment, patience=value).patience)
    assert read_allowing(environment, name=str(value)).name == str(value)


class Allowing(Schema):
    """A field that has no end."""

    patience: float = Field(float("inf"), allow_inf_nan=True)
    steps: dict[str, list[float]] = {}


def read_allowing(environment: Environment, **values: object) -> Allowing:
    """Read it from the variable."""
    variables = {VARIABLE: json.dumps(values)}
    return read_hyperparameters(Allowing, Environment(environment.base_dir, variables), PROJECT)
