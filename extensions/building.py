"""From a request to a template in the working tree: capture, proofs, edits by hand, writing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extensions.capture import Ask, Capture, capture
from extensions.model import CaptureError, File, Site, Tree
from extensions.options import values
from extensions.options.recipe import Recipe, recipe_of
from extensions.proving import proof
from extensions.proving.own_tests import CLAIM, own_tests_pass
from extensions.proving.proof import Proof
from extensions.reading.project import read
from extensions.rendering.staging import staged
from extensions.rendering.trees import differences
from extensions.reporting import dry_run, report, report_data
from extensions.reporting.progress import Progress, paused
from extensions.scanning.checks import refuse_recorded
from extensions.searching import asking
from extensions.storing import metadata
from extensions.storing.assembly import assemble, renderable
from extensions.storing.earlier import recipe_before, still_valid
from extensions.storing.recapture import Existing, description_of, existing, merged
from extensions.storing.writing import check_ignored, with_page, write

NOTHING = "Nothing is written, as --dry-run asks."


@dataclass(frozen=True)
class Request:
    """What a person asks for.

    Attributes:
        path: The project.
        name: The template, if they name it.
        recipe: What they have decided.
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


def build_template(request: Request, repository: Path, step: Progress) -> Result:
    """Make a template of a project, prove it, and write it.

    Args:
        request: What is asked for.
        repository: Where the templates lie.
        step: Is told what is done next.

    Raises:
        CaptureError: Nothing is written, for this reason.

    """
    step("Reading the project")
    recorded = values.recorded_answers(request.path)
    recipe = values.ask_name(request.recipe, recorded)
    name = metadata.name_of(request.name, values.original_answers(recorded, recipe))
    metadata.check_is_not_parent(name, recorded)
    there = existing(repository, name) if name else None
    earlier = recipe_before(there)
    project = read(request.path, allowed=earlier.then(recipe).allowed)
    recipe = still_valid(earlier, there, project).then(recipe)
    step("Looking for its values")
    made = capture(project, name, recipe, repository, asker(request.decisions))
    files = assemble(made, repository)
    description = description_of(name)
    refuse_recorded(description, files[description], made.answers, made.recipe)
    check_ignored(repository, files)
    proofs = proven(made, files, repository, request.tests, step)
    step("Looking for edits by hand")
    complete: Tree = files
    notes = list(made.inheritance.notes)
    if there:
        complete = merged(there, name, files, again(there, request.path, name), repository)
        notes += effect(made, files, complete, repository)
    complete = with_page(repository, name, complete)
    before = there.files if there else {}
    step("Reporting" if request.dry_run else "Writing")
    parts = [report.text(made, proofs, notes)]
    data = report_data.data(made, complete, proofs, notes) | {"dry_run": request.dry_run}
    if request.dry_run:
        diff = dry_run.changes(repository, complete, before)
        parts += ["\n".join(dry_run.tree(complete)), "", diff, NOTHING]
        data["diff"] = diff
    else:
        write(repository, complete, name, before)
        parts.append(report.closing(made, complete))
    return Result("\n".join(parts), data)


def asker(decisions: Path | None) -> Ask | None:
    """Return what asks the person at the terminal, if there is one."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None

    def ask(sites: Sequence[Site], files: Tree) -> Mapping[str, str]:
        with paused() as screen:
            decided = asking.ask(sites, files, sys.stdin, screen)
        if decisions and decided:
            asking.save(decisions, decided)
        return decided

    return ask


def proven(
    made: Capture, files: Mapping[str, File], repository: Path, tests: bool, step: Progress
) -> list[Proof]:
    """Return the proofs of a capture, the one that takes longest last.

    Raises:
        CaptureError: One of them fails.

    """
    sources = renderable(files)
    proofs = proof.rendered_twice(made, repository, sources, step)
    step("Capturing it again")
    project = read(made.project.root, allowed=made.recipe.allowed)
    second = assemble(capture(project, made.name, made.recipe, repository), repository)
    proofs.append(proof.is_repeatable(files, second))
    if not tests:
        return [*proofs, Proof(CLAIM, "left out by --no-tests", holds=False)]
    step("Running its own tests under another name")
    with staged(repository, made.name, made.inheritance.parent, sources) as folder:
        return [*proofs, own_tests_pass(made, folder)]


def again(there: Existing, path: Path, name: str) -> Callable[[Path], Tree]:
    """Return what makes the recorded capture again with the templates of a folder."""

    def make(folder: Path) -> Tree:
        recipe = recipe_of(there.record.get("recipe", {}))
        project = read(path, str(there.record.get("commit")), recipe.allowed)
        return assemble(capture(project, name, recipe, folder), folder)

    return make


def effect(made: Capture, files: Tree, complete: Tree, repository: Path) -> list[str]:
    """Return what the edits by hand change in a project with the original answers.

    Raises:
        CaptureError: With the edits the template gives no project.

    """
    if files == complete:
        return []
    try:
        with staged(repository, made.name, made.inheritance.parent, renderable(complete)) as folder:
            found = proof.rendered(folder, made.answers).files
    except CaptureError as error:
        raise CaptureError(f"With the edits by hand: {error}", code=4) from error
    edited = sorted(path for path in complete if complete.get(path) != files.get(path))
    changed = differences(made.project.files, found)
    return [f"edited by hand, and kept: {', '.join(edited)}"] + [
        f"by these edits a project differs from the captured one: {line}" for line in changed
    ]
