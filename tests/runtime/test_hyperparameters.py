"""Hyperparameters: the places that can set one, and which of them wins."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from pydantic import BaseModel

from container.lifecycle import ContainerError, Environment
from container.lifecycle.hyperparameters import read_hyperparameters
from container.lifecycle.project import Project
from tests.runtime.conftest import WriteConfig

PROJECT = Project(image_name="test")
VARIABLE = "MLDOCK_HYPERPARAMETERS"


class Schema(BaseModel):
    """Some hyperparameters."""

    lr: float = 0.5
    name: str = "default"
    epochs: int = 1


SOURCES = ["mldock.json", "stage", "hyperparameters.json", VARIABLE]


@pytest.mark.parametrize("count", range(len(SOURCES) + 1))
def test_later_source_wins(count: int, tmp_path: Path, write_config: WriteConfig) -> None:
    """Default < mldock.json < stage < hyperparameters.json < variable."""
    given_by = {source: {"name": source} for source in SOURCES[:count]}
    project = Project.model_validate(
        {
            "image_name": "test",
            "hyperparameters": given_by.get("mldock.json", {}) | {"lr": 0.25},
            "stages": {"prod": {"hyperparameters": given_by.get("stage", {})}},
        }
    )
    write_config("hyperparameters.json", given_by.get("hyperparameters.json", {}))
    variables = {"MLDOCK_STAGE": "prod", VARIABLE: json.dumps(given_by.get(VARIABLE, {}))}

    values = read_hyperparameters(Schema, Environment(tmp_path, variables), project)

    assert values.name == ["default", *SOURCES][count]
    # What a later source does not name keeps the value of an earlier one.
    assert values.lr == 0.25


def test_stage_that_is_not_chosen_is_not_read(environment: Environment) -> None:
    """Without MLDOCK_STAGE the values of the stages do not count."""
    stages = {"prod": {"hyperparameters": {"name": "prod"}}}
    project = Project.model_validate({"image_name": "test", "stages": stages})

    assert read_hyperparameters(Schema, environment, project).name == "default"


@pytest.mark.parametrize("source", ["mldock.json", VARIABLE])
def test_unknown_name_of_a_person_is_refused(source: str, tmp_path: Path) -> None:
    """A misspelt name is an error that names the source, and the names there are."""
    unknown = {"epoch5": 3}
    project = Project(image_name="test", hyperparameters=unknown if source == "mldock.json" else {})
    variables = {VARIABLE: json.dumps(unknown)} if source == VARIABLE else {}

    with pytest.raises(ContainerError) as caught:
        read_hyperparameters(Schema, Environment(tmp_path, variables), project)

    assert str(caught.value).startswith(f"{source}: there is no hyperparameter 'epoch5'.")
    assert "lr, name, epochs" in str(caught.value)


def test_unknown_name_of_a_platform_is_reported(
    environment: Environment, write_config: WriteConfig, caplog: pytest.LogCaptureFixture
) -> None:
    """A name that a platform adds never ends a job; the log tells of it."""
    write_config("hyperparameters.json", {"epoch5": "3", "epochs": "2"})

    with caplog.at_level(logging.WARNING):
        values = read_hyperparameters(Schema, environment, PROJECT)

    assert values.epochs == 2
    assert "'epoch5' is not declared" in caplog.text


@pytest.mark.parametrize(
    "name", ["sagemaker_program", "sagemaker_region", "_tuning_objective_metric"]
)
def test_names_of_sagemaker_are_ignored(
    name: str,
    environment: Environment,
    write_config: WriteConfig,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What SageMaker and its toolkits add is no news to anybody."""
    write_config("hyperparameters.json", {name: '"train.py"'})

    assert read_hyperparameters(Schema, environment, PROJECT) == Schema()
    assert not caplog.records


@pytest.mark.parametrize("text", ["{", "[1]", "3", '"epochs"'])
def test_variable_must_be_an_object(text: str, tmp_path: Path) -> None:
    """A variable that holds anything but a JSON object is named."""
    with pytest.raises(ContainerError, match=VARIABLE):
        read_hyperparameters(Schema, Environment(tmp_path, {VARIABLE: text}), PROJECT)


@pytest.mark.parametrize("variables", [{}, {VARIABLE: ""}, {VARIABLE: "{}"}], ids=str)
def test_defaults_alone(variables: dict[str, str], tmp_path: Path) -> None:
    """With no source at all, the declared defaults hold."""
    assert read_hyperparameters(Schema, Environment(tmp_path, variables), PROJECT) == Schema()
