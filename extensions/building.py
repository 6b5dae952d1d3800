"""From a request to a template in the working tree: capture, proofs, edits by hand, writing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extensions import asking, proofs, report
from extensions.capture import Ask, Capture, capture, refuse_recorded
from extensions.model import CaptureError, Occurrence, Tree
from extensions.own_tests import CLAIM, own_tests_pass
from extensions.project import read
from extensions.proofs import Proof
from extensions.recapture import Existing, existing, merged, still_valid
from extensions.recipe import Recipe, ask_name, original_answers, recorded_answers
from extensions.record import assemble, check_ignored, description_of, renderable, with_page, write
from extensions.rendering import staged
from extensions.template import name_of
from extensions.trees import differences

NOTHING = "Nothing is written, as --dry-run asks."

# Takes what is done next.
Step = Callable[[str], None]


@dataclass(frozen=True)
class Request:
    """What the user asks for.

    Attributes:
        path: The project.
        name: The template, if it is named.
        recipe: What was decided.
        decisions: The file that decisions come from, and that answers are added to.
        tests: Whether the project's own tests are run.
        dry_run: Whether nothing is written.

    """

    path: Path
    name: str | None
    recipe: Recipe
    decisions: Path | None = None
    tests: bool = True
    dry_run: bool = False


@dataclass(frozen=True)
class Result:
    """What came of it: for people, and for programs."""

    text: str
    data: Mapping[str, Any]


def build_template(request: Request, repository: Path, step: Step) -> Result:
    """Make a template of a project, prove it, and write it.

    Raises:
        CaptureError: Nothing is written, for this reason.

    """
    step("Reading the project")
    recorded = recorded_answers(request.path)
    recipe = ask_name(request.recipe, recorded)
    name = name_of(request.name, original_answers(recorded, recipe))
    there = existing(repository, name) if name else None
    earlier = there.recipe if there else Recipe()
    project = read(request.path, allowed=earlier.then(recipe).allowed)
    recipe = (still_valid(earlier, there, project) if there else earlier).then(recipe)
    step("Looking for its values")
    made = capture(project, name, recipe, repository, asker(request.decisions))
    files: Tree = assemble(made, repository)
    refuse_recorded(description_of(name), files[description_of(name)], made)
    check_ignored(repository, files)
    proven = prove(made, files, repository, request.tests, step)
    notes = list(made.inheritance.notes)
    if there:
        step("Looking for edits by hand")
        edited = merged(there, name, files, again(there, request.path, name), repository)
        notes += effect(made, files, edited, repository)
        files = edited
    files = with_page(repository, name, files)
    before = there.files if there else {}
    parts = [report.text(made, proven, notes)]
    data = report.data(made, files, proven, notes) | {"dry_run": request.dry_run}
    if request.dry_run:
        changes = report.changes(repository, files, before)
        parts += [changes, NOTHING]
        data["changes"] = changes
    else:
        step("Writing")
        write(repository, files, name, before)
        parts.append(report.closing(made, files))
    return Result("\n".join(parts), data)


def asker(decisions: Path | None) -> Ask | None:
    """Return what asks the user at the terminal, if there is one."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None

    def ask(occurrences: Sequence[Occurrence], files: Tree) -> Mapping[str, str]:
        decided = asking.ask(occurrences, files, sys.stdin, sys.stderr)
        if decisions and decided:
            asking.save(decisions, decided)
        return decided

    return ask


def prove(made: Capture, files: Tree, repository: Path, tests: bool, step: Step) -> list[Proof]:
    """Return the proofs of a capture, the one that takes longest last."""
    sources = renderable(files)
    proven = proofs.rendered_twice(made, repository, sources, step)
    step("Capturing it again")
    project = read(made.project.root, allowed=made.recipe.allowed)
    second = assemble(capture(project, made.name, made.recipe, repository), repository)
    proven.append(proofs.is_repeatable(files, second))
    if not tests:
        return [*proven, Proof(CLAIM, "left out by --no-tests", holds=False)]
    step("Running its own tests under another name")
    with staged(repository, made.name, sources) as folder:
        return [*proven, own_tests_pass(made, folder)]


def again(there: Existing, path: Path, name: str) -> Callable[[Path], Tree]:
    """Return what makes the recorded capture again with the templates of a folder."""

    def make(folder: Path) -> Tree:
        recipe = Recipe.from_record(there.record.get("recipe", {}))
        project = read(path, str(there.record.get("commit")), recipe.allowed)
        return assemble(capture(project, name, recipe, folder), folder)

    return make


def effect(made: Capture, files: Tree, complete: Tree, repository: Path) -> list[str]:
    """Return what the edits by hand change in a project with the original answers."""
    if files == complete:
        return []
    try:
        with staged(repository, made.name, renderable(complete)) as folder:
            found = proofs.rendered(folder, made.answers).files
    except CaptureError as error:
        raise CaptureError(f"With the edits by hand: {error}", code=4) from error
    edited = sorted(path for path in complete if complete.get(path) != files.get(path))
    changed = differences(made.project.files, found)
    return [f"edited by hand, and kept: {', '.join(edited)}"] + [
        f"by these edits a project differs from the captured one: {line}" for line in changed
    ]
