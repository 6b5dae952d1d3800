"""The model of a run: written beside the last good one, and put in its place at success.

The directory is inside of `model/`, which may be a disk of its own: there a rename suffices.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from contextlib import suppress
from pathlib import Path

from mldock.environment import MODEL_DIR, Environment
from mldock.errors import ContainerError
from mldock.lifecycle import packed_of
from mldock.stores import is_partial

log = logging.getLogger("train")

# Of which run a model is.
RUN = ".mldock-run.json"


class RunModel:
    """The model that a run makes; `Environment.model_dir` is its directory from now on.

    Attributes:
        published: The directory that the server reads.
        directory: The directory that the trainer writes to.

    """

    def __init__(self) -> None:
        os.environ.pop(MODEL_DIR, None)
        environment, host = Environment(), ""
        # Hosts may share a disk. A mistake in what names them is told later.
        with suppress(ContainerError):
            host = "-" + environment.current_host if len(environment.hosts) > 1 else ""
        self.published = environment.model_dir
        self.directory = self.published / f".new{host}.partial"
        self.replaced = self.published / f".old{host}.partial"
        os.environ[MODEL_DIR] = str(self.directory)

    def discard(self) -> None:
        """Remove what a run has left: there is no model of this one."""
        shutil.rmtree(self.directory, ignore_errors=True)

    def begin(self, environment: Environment) -> None:
        """Make the directory, with what earlier runs have downloaded: it is compared, not moved."""
        self.directory.mkdir(parents=True, exist_ok=True)
        for channel in environment.channels:
            if channel.kind == "model" and channel.direction == "input":
                place = environment.directory_of(channel)
                for target in (place, packed_of(place)):
                    source = self.published / target.name
                    if source.is_dir() and not target.exists():
                        shutil.copytree(source, target, symlinks=True)

    def publish(self, environment: Environment, run: dict[str, str]) -> None:
        """Replace the published model by that of this run.

        Of several hosts, which may share a disk, the first replaces it as a whole.
        """
        if not (self.directory.is_dir() and any(self.directory.iterdir())):
            if environment.is_first:
                log.warning("the trainer saved no model: %s stays as it was", self.published)
            self.discard()
            return
        if environment.is_first:
            (self.directory / RUN).write_text(json.dumps(run) + "\n", encoding="utf-8")
        shutil.rmtree(self.replaced, ignore_errors=True)
        self.replaced.mkdir()
        new = {path.name for path in self.directory.iterdir()}
        for path in list(self.published.iterdir()):
            # The root of a disk has a folder that nobody may move.
            is_kept = is_partial(path) or path.name == "lost+found"
            if not is_kept and (environment.is_first or path.name in new):
                path.rename(self.replaced / path.name)
        for name in new:
            (self.directory / name).rename(self.published / name)
        self.discard()
        shutil.rmtree(self.replaced, ignore_errors=True)

    def set_aside(self, outcome: str) -> None:
        """Keep the model of a run that failed or was stopped, where no server finds it."""
        if not (self.directory.is_dir() and any(self.directory.iterdir())):
            self.discard()
            return
        place = self.published.with_name(f"{self.published.name}.{outcome}")
        # Where the model has a disk of its own, it stays inside, until the next run begins.
        with suppress(OSError):
            shutil.rmtree(place, ignore_errors=True)
            self.directory = self.directory.rename(place)
        log.warning("the model of this run is in %s; the last good one stays", self.directory)


def read_run(model_dir: Path) -> dict[str, str]:
    """Return of which run a model is; empty where nothing tells."""
    try:
        run = json.loads((model_dir / RUN).read_bytes())
    except (OSError, ValueError):
        return {}
    return run if isinstance(run, dict) else {}
