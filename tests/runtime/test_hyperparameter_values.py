"""Values of hyperparameters: what launchers write, read into the types that a trainer declares."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from container.lifecycle import ContainerError, Environment
from container.lifecycle.hyperparameters import decode, read_hyperparameters
from container.lifecycle.project import Project
from tests.runtime.conftest import WriteConfig

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


# The values that launchers write for lr=0.1, name="abc", flag=True, nested={"a": [1]}, none=None.
LAUNCHERS = {
    "SDK v2, Estimator": ("0.1", "abc", "True", "{'a': [1]}", "None"),
    "SDK v2, framework estimators": ("0.1", '"abc"', "true", '{"a": [1]}', "null"),
    "SDK v3, ModelTrainer": ("0.1", "abc", "true", '{"a": [1]}', "null"),
    "native JSON": (0.1, "abc", True, {"a": [1]}, None),
}


def from_variable(environment: Environment, **values: object) -> Schema:
    """Read the schema from the variable alone."""
    variables = {VARIABLE: json.dumps(values)}
    return read_hyperparameters(Schema, Environment(environment.base_dir, variables), PROJECT)


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_launchers_agree(
    launcher: str, environment: Environment, write_config: WriteConfig
) -> None:
    """The same values arrive, however the launcher encodes them."""
    names = ("lr", "name", "flag", "nested", "none")
    write_config("hyperparameters.json", dict(zip(names, LAUNCHERS[launcher], strict=True)))

    values = read_hyperparameters(Schema, environment, PROJECT)

    assert values == Schema(lr=0.1, name="abc", flag=True, nested={"a": [1]}, none=None)


@pytest.mark.parametrize(
    "text",
    ["001", "1e3", "true", "None", "null", "[1]", "{'a': 1}", "(", "", "{{name}}", "{{}}", "{[1]}"],
)
def test_text_stays_text(text: str, environment: Environment) -> None:
    """What looks like another type stays text where text is declared."""
    assert from_variable(environment, name=text).name == text


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("epochs", "3", 3),
        ("epochs", "1e3", 1000),
        ("lr", "1", 1.0),
        ("lr", "1e-3", 0.001),
        ("flag", "False", False),
        ("flag", "0", False),
        ("none", "3", 3),
        ("optimizer", "adam", "adam"),
        ("optimizer", '"adam"', "adam"),
    ],
)
def test_declared_type_decides(
    name: str, text: str, value: object, environment: Environment
) -> None:
    """A string becomes what the field declares."""
    decoded = getattr(from_variable(environment, **{name: text}), name)

    assert decoded == value
    assert type(decoded) is type(value)


@pytest.mark.parametrize("text", ["[" * 100_000, f"({'-' * 100_000}1)"], ids=["list", "signs"])
def test_deep_text_stays_text(text: str, environment: Environment) -> None:
    """What is too deep for the parsers of JSON and Python is text too."""
    assert from_variable(environment, name=text).name == text


class OptionalText(BaseModel):
    """A field that is text or nothing."""

    text: str | None = "default"


@pytest.mark.parametrize(
    ("text", "value"), [("None", None), ("null", None), ("none", "none"), ("001", "001")]
)
def test_optional_text(text: str, value: str | None, environment: Environment) -> None:
    """Where None is declared, the launchers' words for it mean None."""
    environment = Environment(environment.base_dir, {VARIABLE: json.dumps({"text": text})})

    assert read_hyperparameters(OptionalText, environment, PROJECT).text == value


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


def repr_encoding(value: object) -> str:
    """Encode as `Estimator` of SDK v2."""
    return str(value)


def json_encoding(value: object) -> str:
    """Encode as the framework estimators of SDK v2."""
    return json.dumps(value)


def safe_encoding(value: object) -> str:
    """Encode as `ModelTrainer` of SDK v3."""
    return value if isinstance(value, str) else json.dumps(value)


@pytest.mark.parametrize("encode", [repr_encoding, json_encoding, safe_encoding])
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
        ("epochs", "1.5", "integer"),
        ("lr", "fast", "number"),
        ("flag", "maybe", "boolean"),
        ("optimizer", "adamw", "'adam' or 'sgd'"),
        ("nested", "{'a': ", "dictionary"),
    ],
)
def test_wrong_type_is_explained(
    name: str, value: str, allowed: str, environment: Environment
) -> None:
    """The message names the hyperparameter, what is allowed, and the value."""
    with pytest.raises(ContainerError) as caught:
        from_variable(environment, **{name: value})

    message = str(caught.value)
    assert message.startswith(f"hyperparameter {name}: ")
    assert allowed in message
    assert value in message


def test_all_wrong_values_are_told_at_once(environment: Environment) -> None:
    """Two wrong values are two faults of one message."""
    with pytest.raises(ContainerError, match=r"hyperparameter lr: .*; epochs: "):
        from_variable(environment, lr="fast", epochs="many")
