"""Checkpoints that outlast the container: back at its start, synced while it runs and at its end.

On SageMaker the platform does this for `/opt/ml/checkpoints`; elsewhere `MLDOCK_CHECKPOINTS` says
where they lie. As there, all hosts of a job share one place, and what is deleted here is deleted
there.
"""

from __future__ import annotations

from mldock.environment import Environment
from mldock.errors import error_context
from mldock.places import is_file

VARIABLE = "MLDOCK_CHECKPOINTS"


class Checkpoints:
    """The checkpoint directory, and its remote place if it has one."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.directory = environment.checkpoint_dir
        self.uri = environment.variables.get(VARIABLE)
        self.synced: dict[str, tuple[int, int]] = {}

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
            save_files(transfer, self.directory, changed)
            delete_files(transfer, self.synced.keys() - now.keys())
            self.synced = now

    def state(self) -> dict[str, tuple[int, int]]:
        """Return the size and the time of each file."""
        from mldock.storage import files_below

        facts = {
            # What is not a file fails when it is to be stored.
            path: path.stat() if is_file(path) else path.lstat()
            for path in files_below(self.directory)
        }
        return {
            path.relative_to(self.directory).as_posix(): (fact.st_size, fact.st_mtime_ns)
            for path, fact in facts.items()
        }
