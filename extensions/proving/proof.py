"""Proofs, through Copier itself, that a template gives its project and nothing that is left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from extensions.capture import Capture
from extensions.forms import forms
from extensions.model import CaptureError, Site, Tree, Value
from extensions.proving.leftovers import unreported
from extensions.proving.substitution import grouped, renamed, substitute, undo
from extensions.rendering.render import Rendering, render
from extensions.rendering.staging import staged
from extensions.rendering.trees import differences
from extensions.reporting.progress import Progress
from extensions.sentinels import sentinel_answers
from extensions.storing.template import is_plain

# So many differences say what is wrong; more of them hide it.
SHOWN = 10


@dataclass(frozen=True)
class Proof:
    """Something that was tried and held.

    Attributes:
        claim: What holds.
        figures: How much was looked at.
        holds: False if nobody has tried.

    """

    claim: str
    figures: str
    holds: bool = True


def rendered_twice(capture: Capture, repository: Path, files: Tree, step: Progress) -> list[Proof]:
    """Prove what the original answers give, and what others give.

    Args:
        capture: The capture.
        repository: Where the templates lie.
        files: What the capture writes that Copier reads.
        step: Is told what is done next.

    Raises:
        CaptureError: A proof fails.

    """
    step("Rendering it with its own answers")
    parent = capture.inheritance.parent
    with staged(repository, capture.name, parent, files) as folder:
        original = rendered(folder, capture.answers)
    proofs = [gives_the_project(capture, original)]
    step("Rendering it with unlikely answers")
    fixed = capture.inheritance.fixed
    asked = {name: answer for name, answer in original.answers.items() if name not in fixed}
    unlikely = sentinel_answers(capture.project.files, asked, capture.recipe.parameters)
    # No answer reaches the others: Copier takes them as they are.
    plain = [path for path, file in capture.sources.items() if is_plain(path, file)]
    left_out = {f"templates/{capture.name}/{path}" for path in plain}
    changing = {path: file for path, file in files.items() if path not in left_out}
    with staged(repository, capture.name, parent, changing) as folder:
        other = rendered(folder, {**capture.answers, **unlikely})
    complete = {**{path: original.files[path] for path in plain}, **other.files}
    return [*proofs, leaves_nothing(capture, original, replace(other, files=complete))]


def rendered(folder: Path, answers: Mapping[str, Any]) -> Rendering:
    """Return what Copier makes.

    Raises:
        CaptureError: It makes nothing, so that a proof has failed.

    """
    try:
        return render(folder, answers)
    except CaptureError as error:
        raise CaptureError(
            f"The template gives no project; nothing is written.\n{error}", 1
        ) from error


def gives_the_project(capture: Capture, original: Rendering) -> Proof:
    """Prove that the original answers give the project, byte for byte.

    Raises:
        CaptureError: They do not.

    """
    fail_on(
        differences(capture.project.files, original.files),
        "Rendered with the project's own answers, the template does not give the project",
    )
    size = sum(len(file.content) for file in original.files.values())
    executable = sum(file.executable for file in original.files.values())
    return Proof(
        "The original answers give the project, byte for byte",
        f"{len(original.files)} files, {size} bytes, {executable} of them executable",
    )


def leaves_nothing(capture: Capture, original: Rendering, other: Rendering) -> Proof:
    """Prove that unlikely answers change each reported site, and that nothing else is to change.

    Raises:
        CaptureError: Something else changes, or an original text is left that nobody reported.

    """
    texts = {form.text for value in capture.values for form in forms(value)}
    fail_on(unreported(capture.own, capture.sites, texts), "No site is reported for these")
    own = substituted(capture.own, capture.sites, texts_of(capture.values, other.answers))
    fail_on(
        differences(own, {name: other.files[name] for name in own if name in other.files}),
        "Rendered with other answers, more or less changes than the reported sites",
    )
    inherited = {name: capture.project.files[name] for name in capture.inheritance.origins}
    others = {name: file for name, file in other.files.items() if name not in own}
    fail_on(
        differences(inherited, undo(others, changed(original.answers, other.answers))),
        "Rendered with other answers, what comes from the parent differs in more than the answers",
    )
    sites = sum(site.status.is_substituted for site in capture.sites)
    return Proof(
        "Other answers leave nothing of the original, but for what is reported",
        f"{sites} sites changed, {len(capture.sites) - sites} left as reported; "
        f"{len(own)} own and {len(inherited)} inherited files",
    )


def is_repeatable(first: Tree, second: Tree) -> Proof:
    """Prove that a second capture has the same bytes.

    Raises:
        CaptureError: It has not.

    """
    fail_on(differences(first, second), "A second capture gives something else")
    size = sum(len(file.content) for file in second.values())
    return Proof(
        "The same capture again gives the same bytes", f"{len(second)} files, {size} bytes"
    )


def texts_of(values: Iterable[Value], answers: Mapping[str, Any]) -> dict[str, str]:
    """Return what each variable stands for when these answers are given."""
    return {
        form.variable: form.text
        for value in values
        for form in forms(Value(value.name, str(answers[value.name]), has_forms=value.has_forms))
    }


def changed(original: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, str]:
    """Return the original answer by the other one, derived answers among them."""
    return {
        str(other[name]): str(answer)
        for name, answer in original.items()
        if isinstance(answer, str | int | float) and other.get(name, answer) != answer
    }


def substituted(files: Tree, sites: Iterable[Site], texts: Mapping[str, str]) -> Tree:
    """Return the files with other texts at the sites, in their names and in their contents."""
    by_path = grouped(site for site in sites if site.status.is_substituted)
    return {
        renamed(path, by_path.get(path, ()), texts): substitute(file, by_path.get(path, ()), texts)
        for path, file in files.items()
    }


def fail_on(problems: list[str], reason: str) -> None:
    """End the capture if something does not hold."""
    if problems:
        lines = [f"{reason}; nothing is written:", *(f"  {line}" for line in problems[:SHOWN])]
        if len(problems) > SHOWN:
            lines.append(f"  and {len(problems) - SHOWN} more")
        raise CaptureError("\n".join(lines), code=1)
