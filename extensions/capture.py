"""A project as a template, before anything is proven or written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extensions.forms import forms
from extensions.inheritance import ParentFiles, inherit
from extensions.model import CaptureError, Site, Tree, Value
from extensions.options.parameters import check_names
from extensions.options.recipe import Recipe
from extensions.options.values import inherited_values, original_answers, problems_of, values_of
from extensions.reading import readiness
from extensions.reading.project import Project
from extensions.reading.refusals import refuse as refuse_all
from extensions.reverse import environment
from extensions.scanning.checks import check_parameters, refuse_findings
from extensions.searching.decisions import Decisions, refuse, undecided
from extensions.searching.sites import find
from extensions.searching.traces import Trace, traces
from extensions.storing.template import build

# Asks a person about sites, and returns decisions by place.
Ask = Callable[[Sequence[Site], Tree], Mapping[str, str]]


@dataclass(frozen=True)
class Capture:
    """What a project becomes.

    Attributes:
        name: The template.
        project: The project.
        recipe: What was decided, with what was asked on the way.
        answers: The answers that give the project back.
        values: What was looked for.
        sites: Where it stands in the project's own files.
        traces: Other spellings of values in the project's own files, which stay.
        lacks: What the project would be better for.
        inheritance: What comes from the parent.
        own: The files that do not.
        sources: The files of templates/NAME/.

    """

    name: str
    project: Project
    recipe: Recipe
    answers: Mapping[str, Any]
    values: Sequence[Value]
    sites: Sequence[Site]
    traces: Sequence[Trace]
    lacks: Sequence[readiness.Lack]
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
        repository: Where the templates lie.
        ask: Asks a person about what is undecided; without it that is refused.

    Raises:
        CaptureError: The project is refused, or something must be decided.

    """
    lacks = readiness.missing(project.files)
    refuse_all([lack.refusal for lack in lacks if lack.is_fatal])
    answers = original_answers(project.answers, recipe)
    check(answers, recipe, repository, name)
    values = values_of(answers, recipe)
    values += inherited_values(answers, repository, project.template)
    everywhere = find(project.files, values, Decisions(recipe.decisions))
    recorded = {**project.answers, **answers}
    inheritance, sites = inherit(project.files, everywhere, recorded, repository, recipe)
    if ask and undecided(sites):
        answered = recipe.then(Recipe(decisions=ask(sites, project.files)))
        return capture(project, name, answered, repository)
    refuse(sites)
    check_parameters(recipe, sites)
    own = {path: file for path, file in project.files.items() if path not in inheritance.origins}
    refuse_findings(own, sites, recipe)
    sources = build(own, sites, inheritance.sources, environment())
    fixed = {"template": name, **{one.name: one.default for one in recipe.parameters}}
    given = {key: value for key, value in answers.items() if key not in inheritance.fixed} | fixed
    return Capture(
        name=name,
        project=project,
        recipe=recipe,
        answers=given,
        values=values,
        sites=sites,
        traces=traces(own, values, sites),
        lacks=lacks,
        inheritance=inheritance,
        own=own,
        sources=sources,
    )


def check(answers: Mapping[str, Any], recipe: Recipe, repository: Path, name: str) -> None:
    """Refuse answers and parameters that cannot be.

    Raises:
        CaptureError: With all that is wrong.

    """
    problems = problems_of(answers, recipe, repository)
    problems += check_names(recipe.parameters, repository, name, environment())
    if problems:
        raise CaptureError("\n".join(problems))


def title_of(capture: Capture) -> str:
    """Return what stands in the list of templates."""
    value = next(value for value in capture.values if value.name == "project_name")
    title = next(form.text for form in forms(value) if form.variable == "project_title")
    return capture.recipe.title or title


def predicts_of(capture: Capture) -> str:
    """Return what a project of the template predicts, if nobody says otherwise."""
    described = capture.answers.get("description")
    return capture.recipe.predicts or str(described or f"What {title_of(capture)} predicts.")
