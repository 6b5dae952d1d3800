"""`.mldock/`: on this machine what `/opt/ml` is in production, and the variables of a run."""

from __future__ import annotations

import json
import os
import shutil
from argparse import Namespace
from pathlib import Path

from mldock import ContainerError
from mldock.channels import UNPACK, variable_for
from mldock.checkpoints import VARIABLE as CHECKPOINTS
from mldock.cli.environment import ROOT
from mldock.hyperparameters import parse_object
from mldock.project import DeclaredChannel, Project, read_project

BASE_DIR = ROOT / ".mldock"
MODEL_DIR = BASE_DIR / "model"


def staged_project(options: Namespace) -> Project:
    """Return mldock.json with the values of the chosen stage."""
    return read_project(ROOT / "mldock.json").at_stage(options.stage)


def image_of(project: Project, options: Namespace) -> str:
    """Return the name and tag of the image."""
    return f"{project.image_name}:{options.tag or project.tag}"


def run_variables(project: Project, options: Namespace) -> dict[str, str]:
    """Return the environment variables that mldock.json and the options give a run."""
    variables = {
        variable_for(kind, channel.direction, channel.name): channel.remote
        for kind, channels in (("data", project.data), ("model", project.model))
        for channel in channels
        if channel.remote
    }
    packed = [channel.name for channel in [*project.data, *project.model] if is_packed(channel)]
    if packed:
        variables[UNPACK] = ",".join(packed)
    if project.checkpoints:
        variables[CHECKPOINTS] = project.checkpoints
    for name, value in [*project.environment.items(), *options.environment]:
        variables[f"MLDOCK_{name.removeprefix('MLDOCK_')}"] = as_text(value)
    if options.stage:
        variables["MLDOCK_STAGE"] = options.stage
    if options.hyperparameters:
        name = "MLDOCK_HYPERPARAMETERS"
        given = parse_object(os.environ.get(name) or "{}", name)
        variables[name] = json.dumps(given | dict(options.hyperparameters))
    return variables


def is_packed(channel: DeclaredChannel) -> bool:
    """Say whether a channel is fetched as archives."""
    return channel.unpack and channel.direction == "input" and bool(channel.remote)


def as_text(value: object) -> str:
    """Write a value of mldock.json as an environment variable."""
    return value if isinstance(value, str) else json.dumps(value)


def local_channels(project: Project) -> dict[str, Path]:
    """Return the folder of each input channel that lies in the project."""
    channels = {}
    for channel in project.data:
        if channel.direction == "input" and not channel.remote:
            folder = ROOT / "data" / channel.name
            if not folder.is_dir():
                raise ContainerError(
                    f"{folder} is missing. Put the data of the channel {channel.name!r} there, "
                    "or give the channel a remote in mldock.json."
                )
            channels[channel.name] = folder
    return channels


def prepare(project: Project, *, link: bool) -> dict[str, Path]:
    """Make the directories of a training run and return its local channels.

    With `link`, each channel is a link to its folder; without, it is an empty directory to mount
    the folder on.
    """
    for name in ("input/config", "input/data", "model", "output/data", "checkpoints"):
        (BASE_DIR / name).mkdir(parents=True, exist_ok=True)
    channels = local_channels(project)
    # A folder that an earlier run linked must not be filled by a channel that now has a remote.
    for place in list((BASE_DIR / "input" / "data").iterdir()):
        if place.is_symlink():
            place.unlink()
    for name, folder in channels.items():
        place = BASE_DIR / "input" / "data" / name
        if place.is_dir():
            shutil.rmtree(place)
        if link:
            place.symlink_to(folder, target_is_directory=True)
        else:
            place.mkdir()
    return channels
