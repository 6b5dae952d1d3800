"""The environment of a container: its directories, channels, hosts and stage.

Directories and config files are SageMaker's (`/opt/ml`, lower-case names), the variables mldock's.
One class serves a laptop, plain Docker, SageMaker and Kubernetes: only the values differ.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from mldock.channels import Channel, read_channels, variable_for
from mldock.errors import ContainerError
from mldock.hosts import find_hosts
from mldock.places import check_place
from mldock.stores import Directory, Store
from mldock.variables import float_from_env

if TYPE_CHECKING:
    from mldock.sagemaker import InputConfig, ResourceConfig

SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(//)?")

PLATFORMS: dict[str, type[Environment]] = {}


@dataclass(frozen=True)
class Environment:
    """What a container knows of the place it runs in. It is read once and never changes.

    This class reaches local paths. A subclass that names its `schemes` and overrides `store` adds
    a platform; the scheme of a channel's URI chooses the class, so a job may use several.

    Attributes:
        schemes: The URI schemes that this class moves, such as `("s3",)`.
        base_dir: The root of all paths, from `MLDOCK_BASE_DIR`; `/opt/ml` by default.
        variables: The environment variables, as they were at the start.

    """

    schemes: ClassVar[tuple[str, ...]] = ("", "file")
    base_dir: Path = field(default_factory=lambda: Path(os.getenv("MLDOCK_BASE_DIR") or "/opt/ml"))
    variables: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)

    def __init_subclass__(cls) -> None:
        """Make the subclass the one that moves channels of its schemes."""
        PLATFORMS.update(dict.fromkeys(cls.schemes, cls))

    def __post_init__(self) -> None:
        """Admit a path as text, and keep the variables as they are now."""
        object.__setattr__(self, "base_dir", Path(self.base_dir))
        object.__setattr__(self, "variables", MappingProxyType(dict(self.variables)))

    @property
    def config_dir(self) -> Path:
        """Where the platform writes its config files."""
        return self.base_dir / "input" / "config"

    @property
    def model_dir(self) -> Path:
        """Where the trainer saves the model, and the server finds it (read-only there)."""
        return self.base_dir / "model"

    @property
    def output_dir(self) -> Path:
        """Where `failure` and the directories of the output channels are."""
        return self.base_dir / "output"

    @property
    def output_data_dir(self) -> Path:
        """Where the trainer saves all that is not the model, such as metrics and pictures."""
        return self.output_dir / "data"

    @property
    def checkpoint_dir(self) -> Path:
        """Where a trainer saves what it needs to continue after an interruption."""
        return self.base_dir / "checkpoints"

    @cached_property
    def stage(self) -> str | None:
        """The stage from `MLDOCK_STAGE`, or None: it chooses values, never whether data move."""
        return self.variables.get("MLDOCK_STAGE") or None

    @cached_property
    def channels(self) -> tuple[Channel, ...]:
        """The channels that the variables declare; raises ContainerError for a wrong name."""
        return read_channels(self.variables)

    @cached_property
    def stop_grace(self) -> float:
        """Seconds between SIGTERM and the platform's SIGKILL: `MLDOCK_STOP_GRACE`, or 110."""
        return float_from_env(self.variables, "MLDOCK_STOP_GRACE", 110)

    @cached_property
    def resources(self) -> ResourceConfig:
        """The hosts and the instance type of this job, from `resourceconfig.json`."""
        # Its import takes longer than all others of this module; a server does without.
        from mldock.sagemaker import read_resources

        return read_resources(self.config_dir)

    @cached_property
    def input_config(self) -> Mapping[str, InputConfig]:
        """How SageMaker provides each input channel, from `inputdataconfig.json`."""
        from mldock.sagemaker import read_inputs

        return read_inputs(self.config_dir)

    @cached_property
    def places(self) -> tuple[tuple[str, ...], int]:
        """The hosts of this job, and the place of this one among them."""
        return find_hosts(self.resources, self.variables)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names of all hosts of this job; one name unless the platform provides more."""
        return self.places[0]

    @property
    def rank(self) -> int:
        """The index of this host in `hosts`, from 0."""
        return self.places[1]

    @property
    def current_host(self) -> str:
        """The name of this host."""
        return self.hosts[self.rank]

    @property
    def is_first(self) -> bool:
        """Whether this host saves the model: True for the first of several, and for one alone."""
        return self.rank == 0

    @property
    def interface(self) -> str | None:
        """The network interface that SageMaker names; None where none is named."""
        name = self.resources.network_interface_name
        # Its local mode names one that is not there.
        return name if name in [there for _, there in socket.if_nameindex()] else None

    def read_config(self, name: str) -> dict[str, Any]:
        """Return the JSON object of a file in `input/config`; without the file, an empty one.

        Raises:
            ContainerError: The file does not have a JSON object.

        """
        from mldock.sagemaker import read_object

        return read_object(self.config_dir / name)

    def channel_dir(self, name: str) -> Path:
        """Return the path of an input channel's directory, whether it exists or not."""
        return self.base_dir / "input" / "data" / name

    def channel(self, name: str) -> Path:
        """Return the directory of an input channel, such as `/opt/ml/input/data/training`.

        Raises:
            ContainerError: The directory does not exist, and the message lists those that do; or
                SageMaker provides the channel in Pipe mode.

        """
        directory = self.channel_dir(name)
        if (config := self.input_config.get(name)) and config.mode == "Pipe":
            raise ContainerError(
                f"The channel {name!r} comes in Pipe mode, as {directory}_0 and so on. "
                "Read those, or set its input mode to File or FastFile."
            )
        if not directory.is_dir():
            there = sorted(path.name for path in directory.parent.glob("[!.]*") if path.is_dir())
            raise ContainerError(
                f"There is no channel {name!r} under {directory.parent}; there is: "
                f"{', '.join(there) or 'none'}. Put the data into that directory, or set "
                f"{variable_for('data', 'input', name)} to where they are."
            )
        return directory

    def directory_of(self, channel: Channel) -> Path:
        """Return the local directory of a channel, an input or an output."""
        if channel.kind == "model":
            return self.model_dir / channel.name
        if channel.direction == "output":
            return self.output_dir / channel.name
        return self.channel_dir(channel.name)

    def make_directories(self) -> None:
        """Create the directories that a trainer writes to."""
        for directory in (self.model_dir, self.output_data_dir, self.checkpoint_dir):
            directory.mkdir(parents=True, exist_ok=True)

    def store_of(self, uri: str) -> Store:
        """Return the store of a channel's URI, from the class that its scheme chooses.

        Raises:
            ContainerError: No class has this scheme; the message lists the schemes.

        """
        platform = platform_of(uri)(self.base_dir, self.variables)
        try:
            return platform.store(uri)
        except ContainerError:
            raise
        except Exception as error:
            # The lines that follow are what the client holds, keys too.
            reason = str(error).partition("\n")[0].rstrip(".")
            raise ContainerError(f"{reason}. Correct the variables of the store.") from error

    def store(self, uri: str) -> Store:
        """Return the store of a URI of this class's schemes; a platform overrides it."""
        return Directory(uri)


PLATFORMS.update(dict.fromkeys(Environment.schemes, Environment))


def platform_of(uri: str) -> type[Environment]:
    """Return the class that moves what lies at a URI or a path, or name those that there are."""
    scheme = SCHEME.match(check_place(uri))
    platform = PLATFORMS.get(scheme[1] if scheme else "")
    # A slash that was forgotten must not make a folder called `s3:` of a bucket.
    if platform is None or (scheme and scheme[1] != "file" and not scheme[2]):
        known = "one of " + ", ".join(f"{name}://" for name in sorted(PLATFORMS) if name)
        raise ContainerError(f"no platform moves {scheme and scheme[0]}. Use a path or {known}.")
    return platform
