"""`serve --reload`: an edit of the sources is live at once, without importing libraries again."""

from __future__ import annotations

import importlib
import logging
import sys
from contextlib import suppress
from pathlib import Path

from mldock.project import project_dir

log = logging.getLogger("serve")


class Watcher:
    """Notices edits of the sources, in the project's folder `src` and in no other."""

    def __init__(self) -> None:
        self.directory = project_dir() / "src"
        self.seen = self._edits()

    def _edits(self) -> dict[Path, int]:
        times = {}
        for path in self.directory.rglob("*.py"):
            # An editor may just be putting another in its place.
            with suppress(FileNotFoundError):
                times[path] = path.stat().st_mtime_ns
        return times

    def has_changed(self) -> bool:
        """Return whether there was an edit since the last call, and log of what."""
        before, self.seen = self.seen, self._edits()
        if changed := sorted(path for path, _ in before.items() ^ self.seen.items()):
            log.info("%s has changed", changed[0].relative_to(self.directory))
        return bool(changed)


def import_libraries(module: str) -> None:
    """Import the model's code in gunicorn's master, and forget all of it but the libraries.

    Workers are forked from the master: each imports the sources as they are then, and finds the
    libraries, which take seconds, already there.
    """
    # It imports all that a worker needs.
    importlib.import_module(module)
    folder = project_dir() / "src"
    for name, imported in list(sys.modules.items()):
        file = getattr(imported, "__file__", None)
        if file and folder in Path(file).parents and imported.__name__ != "__main__":
            del sys.modules[name]
