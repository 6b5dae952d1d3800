"""Proofs, through Copier itself, that a template gives its project and nothing that is left."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from extensions.capture import Capture
from extensions.model import CaptureError, File, Occurrence, Tree, Value
from extensions.occurrences import grouped
from extensions.rendering import Rendering, render, staged
from extensions.residue import missed
from extensions.sentinels import sentinel_answers
from extensions.template import is_plain
from extensions.trees import differences
from extensions.variants import variants

# So many differences say what is wrong; more of them hide it.
SHOWN = 10


@dataclass(frozen=True)
class Proof:
    """Something that was tried and held.

    Attributes:
        claim: What holds.
        figures: How much was looked at.
        holds: False if it was not tried.

    """

    claim: str
    figures: str
    holds: bool = True


def rendered_twice(
    capture: Capture, repository: Path, files: Tree, step: Callable[[str], None]
) -> list[Proof]:
    """Prove what the original answers give, and what others give."""
    step("Rendering it with its own answers")
    with staged(repository, capture.name, files) as folder:
        original = rendered(folder, capture.answers)
    proofs = [gives_the_project(capture, original)]
    step("Rendering it with sentinel answers")
    fixed = capture.inheritance.fixed
    asked = {name: answer for name, answer in original.answers.items() if name not in fixed}
    sentinels = sentinel_answers(capture.project.files, asked, capture.recipe.parameters)
    # No answer reaches the others: Copier takes them as they are.
    plain = [path for path, file in capture.sources.items() if is_plain(path, file)]
    left_out = {f"templates/{capture.name}/{path}" for path in plain}
    changing = {path: file for path, file in files.items() if path not in left_out}
    with staged(repository, capture.name, changing) as folder:
        other = rendered(folder, {**capture.answers, **sentinels})
    complete = {**{path: original.files[path] for path in plain}, **other.files}
    return [*proofs, leaves_nothing(capture, original, replace(other, files=complete))]


def rendered(folder: Path, answers: Mapping[str, Any]) -> Rendering:
    """Return what Copier makes."""
    try:
        return render(folder, answers)
    except CaptureError as error:
        raise CaptureError(
            f"The template gives no project; nothing is written.\n{error}", 1
        ) from error


def gives_the_project(capture: Capture, original: Rendering) -> Proof:
    """Prove that the original answers give the project, byte for byte."""
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
    """Prove that sentinel answers change each reported occurrence, and nothing else."""
    texts = {variant.text for value in capture.values for variant in variants(value)}
    fail_on(
        list(missed(capture.own, capture.occurrences, texts)), "No occurrence is reported for these"
    )
    # An answer that is derived may be meant too.
    derived = {name: str(answer) for name, answer in other.answers.items()}
    replacements = derived | texts_of(capture.values, other.answers)
    own = substituted(capture.own, capture.occurrences, replacements)
    fail_on(
        differences(own, {name: other.files[name] for name in own if name in other.files}),
        "Rendered with other answers, more or less changes than the reported occurrences",
    )
    inherited = {name: capture.project.files[name] for name in capture.inheritance.origins}
    others = {name: file for name, file in other.files.items() if name not in own}
    fail_on(
        differences(inherited, undo(others, changed(original.answers, other.answers))),
        "Rendered with other answers, what comes from the parent differs in more than the answers",
    )
    changes = sum(one.status.is_substituted for one in capture.occurrences)
    return Proof(
        "Other answers leave nothing of the original, but for what is reported",
        f"{changes} occurrences changed, {len(capture.occurrences) - changes} left as reported; "
        f"{len(own)} own and {len(inherited)} inherited files",
    )


def is_repeatable(first: Tree, second: Tree) -> Proof:
    """Prove that a second capture has the same bytes."""
    fail_on(differences(first, second), "A second capture gives something else")
    size = sum(len(file.content) for file in second.values())
    return Proof(
        "The same capture again gives the same bytes", f"{len(second)} files, {size} bytes"
    )


def texts_of(values: Iterable[Value], answers: Mapping[str, Any]) -> dict[str, str]:
    """Return what each variable stands for when these answers are given."""
    return {
        variant.variable: variant.text
        for value in values
        for variant in variants(
            Value(value.name, str(answers[value.name]), has_variants=value.has_variants)
        )
    }


def changed(original: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, str]:
    """Return the original answer by the other one, derived answers among them."""
    return {
        str(other[name]): str(answer)
        for name, answer in original.items()
        if isinstance(answer, str | int | float) and other.get(name, answer) != answer
    }


def substituted(files: Tree, occurrences: Iterable[Occurrence], texts: Mapping[str, str]) -> Tree:
    """Return the files with other texts at the occurrences, in names and contents."""
    by_path = grouped(occurrence for occurrence in occurrences if occurrence.status.is_substituted)
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


def renamed(path: str, occurrences: Iterable[Occurrence], texts: Mapping[str, str]) -> str:
    """Return a path with other texts at the occurrences in it."""
    return replaced(path, [occurrence for occurrence in occurrences if occurrence.in_name], texts)


def substitute(file: File, occurrences: Iterable[Occurrence], texts: Mapping[str, str]) -> File:
    """Return a file with other texts at the occurrences in its content."""
    inside = [occurrence for occurrence in occurrences if not occurrence.in_name]
    if not inside or file.text is None:
        return file
    return replace(file, content=replaced(file.text, inside, texts).encode())


def replaced(text: str, occurrences: Iterable[Occurrence], texts: Mapping[str, str]) -> str:
    """Return a text with other texts at the occurrences, which do not overlap."""
    parts = []
    position = 0
    for occurrence in sorted(occurrences, key=lambda occurrence: occurrence.start):
        parts += [text[position : occurrence.start], texts[occurrence.variant.variable]]
        position = occurrence.end
    return "".join([*parts, text[position:]])


def undo(files: Tree, pairs: Mapping[str, str]) -> dict[str, File]:
    """Return files with each text that stands in the place of an original one put back."""
    if not pairs:
        return dict(files)
    # The longest first: a shorter one may be a part of it.
    longest = sorted(pairs, key=len, reverse=True)
    pattern = re.compile("|".join(re.escape(text) for text in longest))
    binary = re.compile(b"|".join(re.escape(text.encode()) for text in longest))
    return {
        pattern.sub(lambda found: pairs[found[0]], name): replace(
            file, content=binary.sub(lambda found: pairs[found[0].decode()].encode(), file.content)
        )
        for name, file in files.items()
    }
