"""Where each file of an old project goes, and which do not go along."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from extensions.converting.notes import Notes, names
from extensions.converting.old import CONFIGS, OldProject
from extensions.model import File, Tree
from extensions.reading import mistakes

LEGACY = "src/legacy"
TAKEN = {f"{LEGACY}/mldock.py"}

# Folders that mldock makes, with what to use instead.
FOLDERS = {
    "config": "mldock.json holds the hyperparameters, and each run gets its own file",
    "model": "nox -s train saves to .mldock/model/; copy a model there to serve it",
    "output": "nox -s train writes to .mldock/output/",
    "service": "docker-compose.yml is replaced by nox -s serve -- --docker",
    "tests": "they test the old container; write tests of src/trainer.py in tests/",
}


@dataclass(frozen=True)
class Left:
    """A file that does not go along."""

    reason: str


def placed(old: OldProject, fresh: Tree, notes: Notes) -> dict[str, tuple[str, File]]:
    """Return the files that go along: where from, and what they hold, by where to."""
    found: dict[str, tuple[str, File]] = {}
    left: dict[str, list[str]] = {}
    for path, file in old.files.items():
        place = place_of(path, old, fresh)
        if isinstance(place, Left):
            left.setdefault(place.reason, []).append(path)
        elif place in found or place in TAKEN:
            notes.must.append(
                f"{path}: {place} is there already. Add what you need of it to that file, or under "
                "another name."
            )
        elif place:
            found[place] = (path, file)
    notes.left += [f"{', '.join(paths)}: {reason}" for reason, paths in left.items()]
    notes.carried += carried(found)
    return found


def place_of(path: str, old: OldProject, fresh: Tree) -> str | Left | None:
    """Return where a file goes; None if it is read for what it says."""
    top, _, rest = path.partition("/")
    if path in CONFIGS or path in (old.requirements, "payload.json"):
        return None
    if kind := mistakes.kind(path):
        return Left(f"{kind}, tracked by mistake as it seems")
    if len(old.files[path].content) > mistakes.LARGEST:
        return Left("too large for a project; keep it in a storage, as a channel")
    if path.startswith(f"{old.container}/"):
        inner = path.removeprefix(f"{old.container}/")
        if inner in ("assets.py", "lifecycle.py"):
            return f"{LEGACY}/{inner}"
        return Left("the template has its own container; what you added to it, add there")
    if path.startswith(f"{old.module}/packages/"):
        return Left("wheels lie in wheels/, which git ignores")
    if top == old.module:
        return f"{LEGACY}/{path.removeprefix(f'{old.module}/')}"
    if top in FOLDERS and rest:
        return Left(FOLDERS[top])
    if not rest and path.upper().startswith("README"):
        return f"docs/before/{path}"
    if any(one.startswith(f"{path}/") for one in fresh):
        return Left("the template has a folder of that name")
    if path in fresh and top != "data":
        return Left("the template has its own; compare them")
    return path


def carried(found: dict[str, tuple[str, File]]) -> Iterator[str]:
    """Yield what went along, a line for each folder."""
    groups: dict[str, list[str]] = {}
    for place in found:
        groups.setdefault(place.rpartition("/")[0] or ".", []).append(place)
    for folder, places in sorted(groups.items()):
        yield f"{folder}/: {names([place.rpartition('/')[2] for place in places])}"
