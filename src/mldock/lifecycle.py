"""The steps before and after the script; `container/assets.py` extends these two classes."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal

from mldock.channels import Channel, Kind
from mldock.checkpoints import Checkpoints
from mldock.environment import Environment
from mldock.errors import ContainerError, error_context
from mldock.variables import float_from_env

log = logging.getLogger(__name__)

Outcome = Literal["completed", "stopped", "failed"]

# Of which run a model is, and which files and folders it has brought.
RUN = ".mldock-run.json"
# In the directory of the model: the last good one, while a run makes another one.
LAST = ".last"


class TrainingLifecycle:
    """Downloads the inputs before the trainer runs, and uploads the outputs after it.

    Attributes:
        environment: The directories, channels, hosts and stage.
        outcome: How the trainer has ended, for `cleanup`: `completed`, `stopped` or `failed`.
        publishes: Whether its model replaces the last one: if the exit code will be 0.
        has_trained: Whether the trainer has begun: if not, there is nothing of this run to save.
        has_saved: Whether this class's own `cleanup` has been called.
        checkpoints: The checkpoint directory, which `MLDOCK_CHECKPOINTS` keeps elsewhere too.

    """

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.outcome: Outcome = "completed"
        self.publishes = self.has_trained = True
        self.has_saved = False
        self.checkpoints = Checkpoints(environment)

    def startup(self) -> None:
        """Create the directories, download the input channels and the checkpoints.

        Raises:
            ContainerError: A channel cannot be downloaded, or an output cannot be stored where it
                is to be; the job ends.

        """
        self.environment.make_directories()
        for channel in self.outputs:
            check(self.environment, channel)
        fill_inputs(self.environment, "data")
        fill_inputs(self.environment, "model")
        self.checkpoints.restore()

    @property
    def outputs(self) -> list[Channel]:
        """The output channels."""
        return [one for one in self.environment.channels if one.direction == "output"]

    def cleanup(self) -> None:
        """Upload the checkpoints and every output channel.

        Raises:
            ContainerError: Some could not be uploaded, which the message lists; all others were.

        """
        self.has_saved = True
        if not self.has_trained:
            return
        failed = []
        saves: list[Callable[[], None]] = [partial(self.save, channel) for channel in self.outputs]
        for save in [self.checkpoints.sync, *saves]:
            # One store that is down must not keep the others from their results.
            try:
                save()
            except ContainerError as error:
                log.error("%s", error)
                failed.append(str(error))
        if failed:
            raise ContainerError("These outputs were not saved: " + "; ".join(failed))

    def save(self, channel: Channel) -> None:
        """Upload the directory of an output channel.

        The model of a run that is not a success goes beside the last good one, not in its place.
        Of several hosts the first uploads to the channel's URI, the others to folders of their
        names below.
        """
        # Imported where files move: a server without a channel starts without them.
        from mldock.storage import files_below, upload

        environment, uri = self.environment, channel.remote
        directory = environment.directory_of(channel)
        first = environment.current_host == environment.hosts[0]
        with error_context(f"{channel.variable}={uri}"):
            # Nothing in the place of an earlier run's result, unless this one says so.
            if not (directory.is_dir() and files_below(directory)) and not (
                first and self.outcome == "completed"
            ):
                log.warning("%s: there is nothing in %s", channel.variable, directory)
                return
            if not directory.is_dir():
                raise ContainerError(f"the trainer wrote nothing to {directory}")
            if channel.kind == "model" and not self.publishes:
                uri = beside(uri, self.outcome)
            if not first:
                uri = f"{uri.rstrip('/')}/{environment.current_host}"
            log.info("%s: %s -> %s", channel.variable, directory, uri)
            upload(environment.store_of(uri), directory, channel.variable)


class ServingLifecycle:
    """Downloads the models before the server starts, and has hooks in each of its workers.

    Attributes:
        environment: The directories, channels and stage.

    """

    def __init__(self, environment: Environment) -> None:
        self.environment = environment

    @property
    def model_dir(self) -> Path:
        """Where the model is: the last good one, also while a run makes another one."""
        last = self.environment.model_dir / LAST
        return last if last.is_dir() else self.environment.model_dir

    def startup(self) -> None:
        """Download the model channels; runs once, before the workers start.

        Raises:
            ContainerError: A channel cannot be downloaded; the server ends.

        """
        for channel in self.environment.channels:
            if channel.brings_model:
                fetch(self.environment, channel, self.model_dir / channel.name)

    def cleanup(self) -> None:
        """Run once, after the last worker has ended."""

    def startup_worker(self) -> None:
        """Run in each worker before its first request; the model is loaded."""

    def cleanup_worker(self) -> None:
        """Run in each worker after its last request."""


def fill_inputs(environment: Environment, kind: Kind) -> None:
    """Fill the directories of the input channels of one kind."""
    for channel in environment.channels:
        if channel.direction == "input" and channel.kind == kind:
            fetch(environment, channel, environment.directory_of(channel))


def check(environment: Environment, channel: Channel) -> None:
    """Refuse the place of an output channel where nothing can be stored."""
    from mldock.storage import check_output

    with error_context(f"{channel.variable}={channel.remote}"):
        store, directory = environment.store_of(channel.remote), environment.directory_of(channel)
        check_output(store, directory, channel.variable)


def fetch(environment: Environment, channel: Channel, directory: Path) -> None:
    """Fill a directory with what is stored at the URI of an input channel."""
    from mldock.archives import unpack_all
    from mldock.storage import download

    with error_context(f"{channel.variable}={channel.remote}"):
        log.info("%s: %s -> %s", channel.variable, channel.remote, directory)
        store = environment.store_of(channel.remote)
        if channel.unpack:
            limit = float_from_env(environment.variables, "MLDOCK_UNPACK_LIMIT_GB", 100)
            packed = packed_of(directory)
            download(store, packed, channel.variable)
            unpack_all(packed, directory, int(limit * 10**9))
        else:
            download(store, directory, channel.variable)


def packed_of(directory: Path) -> Path:
    """Return where the archives of a channel lie that is unpacked into `directory`."""
    return directory.with_name(f".{directory.name}.packed")


def beside(uri: str, outcome: str) -> str:
    """Return where the model of a failed run goes: `models/7.failed` for `models/7`."""
    uri = uri.rstrip("/")
    # A bucket has no neighbour.
    return (
        f"{uri}.{outcome}" if uri.rpartition("/")[0].rpartition("://")[2] else f"{uri}/.{outcome}"
    )


def read_run(model_dir: Path) -> dict[str, Any]:
    """Return of which run a model is; empty where nothing tells."""
    try:
        run = json.loads((model_dir / RUN).read_bytes())
    except (OSError, ValueError):
        return {}
    return run if isinstance(run, dict) else {}
