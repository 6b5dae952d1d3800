"""SageMaker's config files, as far as a container needs them: all is optional, more may be there.

They lie in `/opt/ml/input/config`, with names in small letters; SageMaker's local mode writes
fewer keys than a job in the cloud has.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel


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
