"""The channels of mldock.json and their folders on this machine."""

from __future__ import annotations

from pathlib import Path

from mldock import ContainerError, Environment
from mldock.channels import Channel, Kind
from mldock.cli.environment import ROOT
from mldock.cli.workspace import BASE_DIR
from mldock.project import Project

ENVIRONMENT = Environment(BASE_DIR)


def channels_of(project: Project) -> list[Channel]:
    """Return the channels of mldock.json as the container knows its own, in their order."""
    kinds: list[Kind] = ["data", "model"]
    return [
        Channel(entry.name, kind, entry.direction, entry.remote or "", entry.name, entry.unpack)
        for kind in kinds
        for entry in (project.data if kind == "data" else project.model)
    ]


def folder_of(channel: Channel) -> Path:
    """Return the folder of a channel on this machine."""
    if (channel.kind, channel.direction) == ("data", "input"):
        return ROOT / "data" / channel.name
    return ENVIRONMENT.directory_of(channel)


def wanted(channel: Channel, model: bool, output: bool = False) -> bool:
    """Say whether a channel is one of those that --model and --output leave."""
    return not (model and channel.kind == "data") and not (output and channel.direction == "input")


def find(channels: list[Channel], name: str, model: bool, output: bool = False) -> Channel:
    """Return the channel of a name: of data before models, of inputs before outputs.

    Raises:
        ContainerError: There is none.

    """
    left = [channel for channel in channels if wanted(channel, model, output)]
    found = [channel for channel in left if channel.name == name]
    if not found:
        there = ", ".join(f"{channel.name} ({channel.kind})" for channel in left) or "none"
        raise ContainerError(f"mldock.json has no such channel {name!r}; it has: {there}.")
    return min(found, key=lambda channel: (channel.kind, channel.direction))


def require_remote(channel: Channel, stage: str | None) -> None:
    """Refuse a channel that lies nowhere but here."""
    if channel.remote:
        return
    flags = [
        *(["--model"] if channel.kind == "model" else []),
        *(["--output"] if channel.direction == "output" else []),
        *(["--stage", stage] if stage else []),
    ]
    raise ContainerError(f"{channel.variable} has no remote. {advice(channel.name, *flags)}")


def advice(name: str = "NAME", *flags: str) -> str:
    """Say how a channel gets a remote."""
    return f"Give it one: nox -s data -- {' '.join(['add', name, 'REMOTE', *flags, '--replace'])}"
