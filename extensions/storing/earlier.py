"""What an earlier capture has decided and is still good for the project of today."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from extensions.model import CaptureError
from extensions.options.recipe import Recipe, recipe_of
from extensions.reading.project import Project, read
from extensions.searching.places import Place
from extensions.storing.recapture import Existing


def recipe_before(there: Existing | None) -> Recipe:
    """Return the recorded recipe; what a person has changed in the description goes before it."""
    if there is None:
        return Recipe()
    record, described = there.record, there.description
    recipe = recipe_of(record.get("recipe", {}))

    def edited(name: str) -> str:
        text = str(described.get(name) or "")
        return "" if text == record.get(name) else text

    return recipe.then(Recipe(title=edited("title"), predicts=edited("predicts")))


def still_valid(recipe: Recipe, there: Existing | None, project: Project) -> Recipe:
    """Return the recipe without decisions about lines of files that have changed since.

    Another text may stand there now, so they are asked for again.
    """
    if there is None:
        return recipe
    before = files_before(there, project.root, recipe)
    kept = {
        place: answer
        for place, answer in recipe.decisions.items()
        if holds(Place.parse(place), before, project)
    }
    return replace(recipe, decisions=kept)


def files_before(there: Existing, root: Path, recipe: Recipe) -> dict[str, bytes]:
    """Return the files that the earlier capture saw; none if they are not to be had."""
    try:
        files = read(root, str(there.record.get("commit")), recipe.allowed).files
    except CaptureError:
        return {}
    return {path: file.content for path, file in files.items()}


def holds(place: Place, before: dict[str, bytes], project: Project) -> bool:
    """Say whether a place is still what it was."""
    if not place.line:
        return True
    file = project.files.get(place.path)
    return not place.is_pattern and file is not None and before.get(place.path) == file.content
