"""SageMaker's config files, as far as a container needs them: all is optional, more may be there.

They lie in `/opt/ml/input/config`, with names in small letters; SageMaker's local mode writes
fewer keys than a job in the cloud has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

from mldock.errors import ContainerError, format_validation_errors
from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError

Schema = TypeVar("Schema", bound=BaseModel)


class Config(BaseModel):
    """A part of a config file; what is not declared is ignored, since SageMaker adds keys."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class InstanceGroup(Config):
    """The hosts of one kind."""

    instance_group_name: str
    instance_type: str | None = None
    hosts: tuple[str, ...] = ()


class ResourceConfig(Config):
    """`resourceconfig.json`: the hosts of a job; their names are not to be relied on."""

    current_host: str | None = None
    hosts: tuple[str, ...] = ()
    network_interface_name: str | None = None
    current_instance_type: str | None = None
    current_group_name: str | None = None
    instance_groups: tuple[InstanceGroup, ...] = ()


class InputConfig(Config):
    """How one channel comes, out of `inputdataconfig.json`."""

    mode: Literal["File", "FastFile", "Pipe"] = Field("File", alias="TrainingInputMode")
    content_type: str | None = Field(None, alias="ContentType")
    distribution: str | None = Field(None, alias="S3DistributionType")
    record_wrapper: str | None = Field(None, alias="RecordWrapperType")


class InputDataConfig(RootModel[dict[str, InputConfig]]):
    """`inputdataconfig.json`: the channels by name; `code` and `sm_drivers` are no data."""

    model_config = ConfigDict(frozen=True)


def read_resources(directory: Path) -> ResourceConfig:
    """Return `resourceconfig.json` of the config directory."""
    return read_as(ResourceConfig, directory / "resourceconfig.json")


def read_inputs(directory: Path) -> Mapping[str, InputConfig]:
    """Return `inputdataconfig.json` of the config directory."""
    return read_as(InputDataConfig, directory / "inputdataconfig.json").root


def read_object(path: Path) -> dict[str, Any]:
    """Return the JSON object of a file; an absent or empty file is an empty object."""
    try:
        value = json.loads((path.read_bytes() if path.is_file() else b"") or b"{}")
    except ValueError as error:
        raise ContainerError(f"{path} is not JSON: {error}. Correct the file.") from error
    if not isinstance(value, dict):
        raise ContainerError(
            f"{path} holds {type(value).__name__}, not a JSON object. Correct the file."
        )
    return value


def read_as(schema: type[Schema], path: Path) -> Schema:
    """Return what a file holds, as its schema describes it."""
    try:
        return schema.model_validate(read_object(path))
    except ValidationError as error:
        raise ContainerError(
            f"{path}: {format_validation_errors(error)}. Correct the file."
        ) from error
