"""What a capture refuses once it knows what is inherited, and the sites that matter then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from extensions.model import CaptureError, File, Site, Tree
from extensions.options.recipe import Recipe
from extensions.reading.refusals import refuse
from extensions.scanning.secrets import scan


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


def refuse_findings(own: Tree, sites: Sequence[Site], recipe: Recipe) -> None:
    """Refuse what no template may hold, but where it becomes a question.

    Raises:
        CaptureError: With all findings.

    """
    asked = {(site.path, site.line): site for site in sites if site.status.is_substituted}
    found = [
        finding
        for finding in scan(own, recipe.allowed)
        if finding.kind == "secret"
        or (site := asked.get((finding.path, finding.line))) is None
        or finding.value not in site.form.text
    ]
    refuse([finding.refusal for finding in found])
