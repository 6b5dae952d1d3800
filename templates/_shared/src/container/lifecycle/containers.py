"""What happens before and after the script. `container/assets.py` extends these two classes."""

from __future__ import annotations

import logging

from container.lifecycle.channels import Channel
from container.lifecycle.environment import Environment
from container.lifecycle.errors import ContainerError
from container.lifecycle.failure import describe

log = logging.getLogger(__name__)


class TrainingLifecycle:
    """Downloads the inputs before the trainer runs, uploads the outputs after it."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment

    def startup(self) -> None:
        """Create the directories and fill the input channels."""
        self.environment.make_directories()
        for kind in ("data", "model"):
            download_inputs(self.environment, kind)

    def cleanup(self) -> None:
        """Upload every output channel, then fail if one of them failed."""
        failed = []
        for channel in self.environment.channels:
            if channel.direction == "output":
                try:
                    upload(self.environment, channel)
                # One store that is down must not keep the others from their results.
                except Exception as error:
                    log.exception("%s was not saved", channel.variable)
                    failed.append(f"{channel.variable}={channel.remote}: {describe(error)}")
        if failed:
            raise ContainerError("These outputs were not saved: " + "; ".join(failed))


class ServingLifecycle:
    """Downloads the models before the server starts."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment

    def startup(self) -> None:
        """Fill the model channels; runs once, before the workers."""
        download_inputs(self.environment, "model")

    def cleanup(self) -> None:
        """Run once, after the last worker has ended."""


def download_inputs(environment: Environment, kind: str) -> None:
    """Fill the directories of the input channels of one kind."""
    for channel in environment.channels:
        if channel.direction == "input" and channel.kind == kind:
            directory = environment.directory_of(channel)
            log.info("%s: %s -> %s", channel.variable, channel.remote, directory)
            directory.mkdir(parents=True, exist_ok=True)
            try:
                environment.platform_of(channel).download(channel.remote, directory)
            except ContainerError:
                raise
            # What a client says names neither the channel nor, often, the bucket.
            except Exception as error:
                told = f"{channel.variable}={channel.remote}: {describe(error)}"
                raise ContainerError(told) from error


def upload(environment: Environment, channel: Channel) -> None:
    """Copy the directory of an output channel to its remote place."""
    directory = environment.directory_of(channel)
    if not directory.is_dir():
        raise ContainerError(f"the trainer wrote nothing to {directory}")
    log.info("%s: %s -> %s", channel.variable, directory, channel.remote)
    environment.platform_of(channel).upload(directory, channel.remote)
