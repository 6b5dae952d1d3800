"""A project as a template, before anything is proven or written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extensions.decisions import Decisions, refuse_undecided, undecided
from extensions.inheritance import ParentFiles, inherit
from extensions.model import CaptureError, File, Occurrence, Tree, Value
from extensions.occurrences import find
from extensions.parameters import check_names
from extensions.project import Project
from extensions.readiness import MissingPart, missing_parts
from extensions.recipe import Recipe, inherited_values, original_answers, problems_of, values_of
from extensions.refusals import Refusal, refuse
from extensions.residue import Residue, other_spellings
from extensions.reverse import environment
from extensions.runtime import QUESTION, runtime_answer
from extensions.scanning.secrets import scan
from extensions.template import build
from extensions.variants import case_of, variants

# Asks the user about occurrences, and returns decisions by place.
Ask = Callable[[Sequence[Occurrence], Tree], Mapping[str, str]]


@dataclass(frozen=True)
class Capture:
    """What a project becomes.

    Attributes:
        name: The template.
        project: The project.
        recipe: What was decided, with what was asked on the way.
        answers: The answers that give the project back.
        values: What was looked for.
        occurrences: Where it was found in the project's own files.
        residue: Other spellings of values in these files, which stay.
        missing: What the project should have.
        inheritance: What comes from the parent.
        own: The files that do not.
        sources: The files of templates/NAME/.

    """

    name: str
    project: Project
    recipe: Recipe
    answers: Mapping[str, Any]
    values: Sequence[Value]
    occurrences: Sequence[Occurrence]
    residue: Sequence[Residue]
    missing: Sequence[MissingPart]
    inheritance: ParentFiles
    own: Tree
    sources: Tree


def capture(
    project: Project, name: str, recipe: Recipe, repository: Path, ask: Ask | None = None
) -> Capture:
    """Make a template of a project, in memory.

    Args:
        project: The project.
        name: The template.
        recipe: What was decided.
        repository: Where the templates are.
        ask: Asks the user about what is undecided; without it that is refused.

    Raises:
        CaptureError: The project is refused, or something must be decided.

    """
    missing = missing_parts(project.files)
    refuse([Refusal("the project", one.what, one.remedy) for one in missing if one.is_fatal])
    answers = original_answers(project.answers, recipe) | runtime_answer(project.files)
    problems = problems_of(answers, recipe, repository)
    problems += check_names(recipe.parameters, repository, name, environment())
    if problems:
        raise CaptureError("\n".join(problems))
    values = values_of(answers, recipe)
    values += inherited_values(answers, repository, project.template)
    everywhere = find(project.files, values, Decisions(recipe.decisions))
    recorded = {**project.answers, **answers}
    inheritance, occurrences = inherit(project.files, everywhere, recorded, repository, recipe)
    if ask and undecided(occurrences):
        answered = recipe.then(Recipe(decisions=ask(occurrences, project.files)))
        return capture(project, name, answered, repository)
    refuse_undecided(occurrences)
    refuse_unused(recipe, occurrences)
    own = {path: file for path, file in project.files.items() if path not in inheritance.origins}
    refuse_findings(own, occurrences, recipe)
    fixed = {"template": name, **{one.name: one.default for one in recipe.parameters}}
    given = {key: value for key, value in answers.items() if key not in inheritance.fixed}
    return Capture(
        name=name,
        project=project,
        recipe=recipe,
        answers=given | fixed,
        values=values,
        occurrences=occurrences,
        residue=other_spellings(own, values, occurrences),
        missing=missing,
        inheritance=inheritance,
        own=own,
        sources=build(own, occurrences, inheritance.sources, environment()),
    )


def title_of(capture: Capture) -> str:
    """Return what stands in the list of templates."""
    name = next(value for value in capture.values if value.name == "project_name")
    spelled = {case_of(variant): variant.text for variant in variants(name)}
    return capture.recipe.title or spelled["title"]


def predicts_of(capture: Capture) -> str:
    """Return what a project of the template predicts, if the user has not said it."""
    described = capture.answers.get("description")
    return capture.recipe.predicts or str(described or f"What {title_of(capture)} predicts.")


def refuse_unused(recipe: Recipe, occurrences: Sequence[Occurrence]) -> None:
    """Refuse a parameter that would change nothing."""
    found = {one.variant.value.name for one in occurrences if one.status.is_substituted}
    problems = [
        f"--param {one.name}={one.text}: no line has that literal and names {one.name}, so the "
        "question would change nothing. Name it as the project does, or decide where it stands: "
        f"--decisions FILE with PATH:LINE: {one.name}"
        for one in recipe.parameters
        if one.name not in found
    ]
    if problems:
        raise CaptureError("\n".join(problems))


def refuse_findings(own: Tree, occurrences: Sequence[Occurrence], recipe: Recipe) -> None:
    """Refuse what no template may hold, unless it becomes a question."""
    asked = {(one.path, one.line): one.variant for one in occurrences if one.status.is_substituted}
    refuse(
        [
            finding.refusal
            for finding in scan(own, recipe.allowed)
            if finding.kind == "secret"
            or (variant := asked.get((finding.path, finding.line))) is None
            or finding.value not in variant.text
        ]
    )


def refuse_recorded(path: str, description: File, made: Capture) -> None:
    """Refuse a record of the project's answers that no repository should hold.

    An image's name may begin with the number of an account.
    """
    asked = {QUESTION, *(one.name for one in made.recipe.parameters)}
    texts = [str(answer) for name, answer in made.answers.items() if name not in asked]
    refuse(
        [
            finding.refusal
            for finding in scan({path: description}, made.recipe.allowed)
            if any(finding.value in text for text in texts)
        ]
    )
