"""What a capture refuses once it knows what is inherited, and the sites that matter then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from extensions.inheriting.links import Manner
from extensions.inheriting.parent import Inheritance
from extensions.model import CaptureError, File, Site, Status, Tree
from extensions.options.recipe import Recipe
from extensions.reading.project import Project
from extensions.reading.refusals import refuse
from extensions.rendering.render import render
from extensions.scanning.secrets import scan

MERGED = (Manner.MERGED, Manner.MERGED_CONFLICT)


def relevant(
    sites: Sequence[Site],
    project: Project,
    inheritance: Inheritance,
    repository: Path,
    answers: Mapping[str, Any],
) -> list[Site]:
    """Return the sites in the project's own words: own files, and lines that its owner changed."""
    merged = {path for path, manner in inheritance.covered.items() if manner in MERGED}
    parents: Tree = {}
    if any(site.path in merged for site in sites):
        parents = render(repository, {**answers, "template": project.template}).files
    known = {path: set((parents.get(path, File()).text or "").split("\n")) for path in merged}

    def is_own(site: Site) -> bool:
        if site.path not in merged:
            return site.path not in inheritance.covered
        if site.form.value.is_parameter and site.status.is_substituted:
            return True
        return not site.in_name and line_of(project.files[site.path], site) not in known[site.path]

    return words_of_the_parent([site for site in sites if is_own(site)], project, repository)


def words_of_the_parent(sites: Sequence[Site], project: Project, repository: Path) -> list[Site]:
    """Return the sites, those kept that are undecided in a line of the parent's plain source.

    No answer is in such a line, so nobody needs to be asked whether it means one.
    """
    folder = repository / "templates" / str(project.template)
    undecided = {site.path for site in sites if site.status is Status.UNDECIDED}
    lines = {
        path: set((folder / path).read_text("utf-8", "replace").split("\n"))
        for path in undecided
        if project.template and (folder / path).is_file()
    }

    def settled(site: Site) -> Site:
        is_open = site.status is Status.UNDECIDED and not site.in_name
        if is_open and line_of(project.files[site.path], site) in lines.get(site.path, ()):
            return replace(site, status=Status.KEPT)
        return site

    return [settled(site) for site in sites]


def line_of(file: File, site: Site) -> str:
    """Return the line that a site is in."""
    lines = (file.text or "").split("\n")
    return lines[site.line - 1] if 0 < site.line <= len(lines) else ""


def check_parameters(recipe: Recipe, sites: Sequence[Site]) -> None:
    """Refuse a parameter that would change nothing.

    Raises:
        CaptureError: With what to do.

    """
    found = {site.form.value.name for site in sites if site.status.is_substituted}
    problems = [
        f"--param {one.name}={one.text}: no line has that literal and names {one.name}, so the "
        "question would change nothing. Name it as the project does, or decide where it stands: "
        f"--decisions FILE with PATH:LINE: {one.name}"
        for one in recipe.parameters
        if one.name not in found
    ]
    if problems:
        raise CaptureError("\n".join(problems))


def refuse_recorded(
    path: str, description: File, answers: Mapping[str, Any], recipe: Recipe
) -> None:
    """Refuse a record of the project's answers that no repository should hold.

    An image's name may begin with the number of an account.

    Args:
        path: Where the description of the template will lie.
        description: What it will hold.
        answers: The project's answers; a literal that became a question is none of them.
        recipe: What was decided.

    Raises:
        CaptureError: With all findings.

    """
    asked = {one.name for one in recipe.parameters}
    texts = [str(answer) for name, answer in answers.items() if name not in asked]
    refuse(
        [
            finding.refusal
            for finding in scan({path: description}, recipe.allowed)
            if any(finding.value in text for text in texts)
        ]
    )


def refuse_findings(
    project: Project, inheritance: Inheritance, sites: Sequence[Site], recipe: Recipe
) -> None:
    """Refuse what no template may hold, but where it becomes a question.

    Raises:
        CaptureError: With all findings.

    """
    scanned = {
        path: file
        for path, file in project.files.items()
        if inheritance.covered.get(path, Manner.MERGED) in MERGED
    }
    asked = {(site.path, site.line): site for site in sites if site.status.is_substituted}
    found = [
        finding
        for finding in scan(scanned, recipe.allowed)
        if finding.kind == "secret"
        or (site := asked.get((finding.path, finding.line))) is None
        or finding.value not in site.form.text
    ]
    refuse([finding.refusal for finding in found])
