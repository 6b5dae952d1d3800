"""Channels: named directories that are filled before the script or kept after it.

The names of the variables are those of mldock; the rule for a channel's name is SageMaker's
(1 to 64 of letters, digits, `.`, `-` and `_`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mldock.errors import ContainerError, error_context
from mldock.places import check_place

Kind = Literal["data", "model"]
Direction = Literal["input", "output"]

NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")

# Two documents of mldock spell the model channels differently; both are honoured.
PREFIXES: dict[str, tuple[Kind, Direction]] = {
    "MLDOCK_INPUT_CHANNEL_": ("data", "input"),
    "MLDOCK_OUTPUT_CHANNEL_": ("data", "output"),
    "MLDOCK_INPUT_MODEL_CHANNEL_": ("model", "input"),
    "MLDOCK_MODEL_INPUT_CHANNEL_": ("model", "input"),
    "MLDOCK_OUTPUT_MODEL_CHANNEL_": ("model", "output"),
    "MLDOCK_MODEL_OUTPUT_CHANNEL_": ("model", "output"),
}

UNPACK = "MLDOCK_UNPACK_CHANNELS"


@dataclass(frozen=True)
class Channel:
    """A remote location and the name of the local directory that mirrors it.

    Attributes:
        name: The name of the directory.
        kind: Whether it lies in `model/`, or in `input/data/` or `output/`.
        direction: Filled before the script, or kept after it.
        remote: The URI or the path.
        variable: What declares it.
        unpack: Whether it consists of archives that are to be unpacked.

    """

    name: str
    kind: Kind
    direction: Direction
    remote: str
    variable: str
    unpack: bool = False

    @property
    def brings_model(self) -> bool:
        """Whether a model is fetched from it."""
        return self.kind == "model" and self.direction == "input"


def read_channels(variables: Mapping[str, str]) -> tuple[Channel, ...]:
    """Return the channels that the environment variables declare, ordered by variable.

    A name in capitals means the directory in small letters, since many platforms only allow
    capitals in variables; any other spelling is kept.

    Raises:
        ContainerError: A name or a place is not allowed, or one channel is set to two values.

    """
    channels: dict[tuple[Kind, Direction, str], Channel] = {}
    packed = {
        check_name(name, UNPACK) for name in variables.get(UNPACK, "").replace(",", " ").split()
    }
    for variable, remote in sorted(variables.items()):
        prefix = next((prefix for prefix in PREFIXES if variable.startswith(prefix)), None)
        if prefix is None or not remote:
            continue
        kind, direction = PREFIXES[prefix]
        name = check_name(variable.removeprefix(prefix), variable)
        unpack = direction == "input" and name in packed
        # Before the job, not at its end, when an output is to be stored there.
        with error_context(f"{variable}={remote if remote.isprintable() else ascii(remote)}"):
            check_place(remote)
        channel = Channel(name, kind, direction, remote, variable, unpack)
        known = channels.setdefault((kind, direction, name), channel)
        if known.remote != remote:
            raise ContainerError(
                f"{known.variable} and {variable} name the same channel but hold two values "
                f"({known.remote} and {remote}). Remove one of them."
            )
    if unknown := packed.difference(
        channel.name for channel in channels.values() if channel.unpack
    ):
        raise ContainerError(
            f"{UNPACK} names {', '.join(sorted(unknown))}, which no input channel is called. "
            "Correct it, or set that channel."
        )
    return tuple(channels.values())


def check_name(name: str, variable: str) -> str:
    """Return the directory of a channel called `name`, or refuse the name."""
    if not NAME.fullmatch(name) or set(name) == {"."}:
        raise ContainerError(
            f"{variable}: {name!r} is not a channel name. "
            "Use 1 to 64 letters, digits, dots, dashes and underscores."
        )
    return name.lower() if name.isupper() else name


def variable_for(kind: str, direction: str, name: str) -> str:
    """Return the environment variable that declares a channel: the inverse of `read_channels`."""
    middle = "" if kind == "data" else "MODEL_"
    suffix = name.upper() if name.islower() else name
    return f"MLDOCK_{direction.upper()}_{middle}CHANNEL_{suffix}"
