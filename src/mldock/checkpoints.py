"""Checkpoints that outlast the container: back at its start, synced while it runs and at its end.

On SageMaker the platform does this for `/opt/ml/checkpoints`; elsewhere `MLDOCK_CHECKPOINTS` says
where they lie. As there, all hosts of a job share one place, and what is deleted here is deleted
there.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import PurePosixPath

from mldock.environment import Environment
from mldock.errors import ContainerError, error_context
from mldock.places import check_file

log = logging.getLogger(__name__)

VARIABLE = "MLDOCK_CHECKPOINTS"


class Checkpoints:
    """The checkpoint directory, and its remote place if it has one."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.directory = environment.checkpoint_dir
        self.uri = environment.variables.get(VARIABLE)
        self.synced: dict[str, tuple[int, int]] = {}
        # What cannot be stored, with the reason.
        self.odd: dict[str, str] = {}

    def restore(self) -> None:
        """Fetch what an earlier run has synced, if there is any."""
        from mldock.storage import download

        if uri := self.uri:
            with error_context(f"{VARIABLE}={uri}"):
                download(self.environment.store_of(uri), self.directory, VARIABLE, optional=True)
        self.synced = self.state()

    def sync(self) -> None:
        """Store what has been written since the last time, and delete what has been deleted."""
        from mldock.storage import Transfer, delete_files, save_files

        if not (uri := self.uri):
            return
        with error_context(f"{VARIABLE}={uri}"):
            now = self.state()
            if now == self.synced:
                return
            transfer = Transfer(self.environment.store_of(uri), VARIABLE)
            changed = [self.directory / name for name in now if now[name] != self.synced.get(name)]
            try:
                save_files(transfer, self.directory, changed)
            finally:
                # One that cannot be stored must not have all others stored each minute.
                self.synced |= {name: now[name] for name in [*transfer.saved]}
            delete_files(transfer, self.synced.keys() - now.keys())
            self.synced = now

    def state(self) -> dict[str, tuple[int, int]]:
        """Return the size and the time of each file; what is none is named in a warning, once."""
        from mldock.storage import files_below

        state, odd = {}, {}
        for path in files_below(self.directory):
            name = path.relative_to(self.directory).as_posix()
            # The trainer may remove it at any time.
            with suppress(FileNotFoundError):
                try:
                    check_file(path)
                    facts = path.stat()
                    state[name] = facts.st_size, facts.st_mtime_ns
                except ContainerError as error:
                    path.lstat()
                    odd[name] = str(error)
        for name in odd.keys() - self.odd.keys():
            log.warning("%s: %s is not stored: %s", VARIABLE, ascii(name)[1:-1], odd[name])
        self.odd = odd
        # Nobody knows what is in a folder that cannot be read: it is not deleted there.
        known = {name: facts for name, facts in self.synced.items() if self.is_odd(name)}
        return {**known, **state}

    def is_odd(self, name: str) -> bool:
        """Return whether a file is, or is inside of, what cannot be stored."""
        return any(map(PurePosixPath(name).is_relative_to, self.odd))
