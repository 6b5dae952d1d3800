"""What a template keeps of the parent, the template that its project was made from.

A file that the owner has not changed stays the parent's, by an include, so that improvements of the
parent reach the new template. A changed one is the template's own. It was made with this project's
answers, so the choices that the parent's source depends on are fixed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Any

from extensions import git
from extensions.model import CaptureError, File, Occurrence, Status, Tree
from extensions.parent import CHOICES, SUFFIX, Parent, Source, parents_of
from extensions.recipe import Recipe
from extensions.rendering import Rendering, exported, render
from extensions.sentinels import sentinel_answers

# Only asked of someone who names it, so it may be fixed all the same; the default of the one is
# made from the other.
SELDOM_ASKED = "base_image"
MADE_FROM = {"base_image": "python_version"}

# The parent may know better what is meant.
UNCERTAIN = (Status.UNDECIDED, Status.COLLISION)

# The one line of a source that only includes another.
STUB = re.compile(r'\{% include "[^"\\]+" -%\}\n')
JINJA = re.compile(r"\{[{%#]")
CONDITION = re.compile(r"\{%.*?%\}")


class Origin(Enum):
    """How a file of a project comes from the parent."""

    INCLUDE = "by an include of the parent's source"
    COPY = "as a copy of the parent's source"


@dataclass
class ParentFiles:
    """What a template has from the parent of its project.

    Attributes:
        parent: The parent's name; empty if it is not in this repository.
        family: The template of this repository that the parent goes back to.
        sources: By path in the template's folder; without that of the answers file.
        origins: How each inherited file of the project is kept. All others are the owner's.
        deleted: The files of the parent that the project does not have.
        fixed: The answers that the template does not ask for.
        reasons: Why each of them is fixed, where this capture has fixed it.
        notes: What a report says.

    """

    parent: str = ""
    family: str = "generic"
    sources: dict[str, File] = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    fixed: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def inherit(
    files: Tree,
    occurrences: Sequence[Occurrence],
    answers: Mapping[str, Any],
    repository: Path,
    recipe: Recipe,
) -> tuple[ParentFiles, list[Occurrence]]:
    """Return what a project has from its parent, and the occurrences in the owner's own files.

    Raises:
        CaptureError: The project is behind its parent, or a choice cannot be fixed.

    """
    name = str(answers.get("template") or "")
    with exported(repository) as templates:
        if not name or not (templates / "templates" / name).is_dir():
            unknown = f"Its template {name!r} is not in this repository, so nothing is inherited."
            return ParentFiles(notes=[unknown] if name else []), list(occurrences)
        rendering = render(templates, answers)
        note = check_up_to_date(repository, answers, rendering.files)
        parent = Parent(templates, name, rendering)
        found = kept(parent, files, occurrences, recipe)
        found.notes += [note] if note else []
        own = [occurrence for occurrence in occurrences if occurrence.path not in found.origins]
        if any(one.status in UNCERTAIN and one.path in rendering.files for one in own):
            other = render(templates, {**answers, **sentinel_answers(files, answers, ())})
            own = [resolved(occurrence, files, rendering, other) for occurrence in own]
    return found, own


def check_up_to_date(repository: Path, answers: Mapping[str, Any], present: Tree) -> str | None:
    """Refuse a project that was made from other sources than those of now.

    Returns:
        What a report says, if it cannot be known.

    """
    commit = str(answers.get("_commit") or "")
    compared = "it is compared with the templates as they are now."
    if not git.is_commit(repository, commit):
        return (
            f"The project was made from {commit or 'no commit'}, which is unknown here: {compared}"
        )
    try:
        before = render(repository, answers, commit).files
    except CaptureError as error:
        return f"The project was made from {commit}, which fails now ({error}): {compared}"
    count = sum(before.get(path) != present.get(path) for path in before.keys() | present.keys())
    if count:
        raise CaptureError(
            f"The project is behind its template, which makes {count} of its files otherwise "
            f"since {commit}. In the project, run `copier update` first, and commit."
        )
    return None


def resolved(
    occurrence: Occurrence, files: Tree, rendering: Rendering, other: Rendering
) -> Occurrence:
    """Return an uncertain occurrence as the parent has it, where the line is still the parent's.

    The parent's project with other answers shows which variable its source has there, if any.
    """
    before, after = (one.files.get(occurrence.path) for one in (rendering, other))
    if occurrence.status not in UNCERTAIN or before is None or after is None:
        return occurrence
    if occurrence.in_name:
        return replace(occurrence, status=Status.KEPT)
    line = (files[occurrence.path].text or "").split("\n")[occurrence.line - 1]
    old, new = ((file.text or "").split("\n") for file in (before, after))
    lines = {after for before, after in zip(old, new, strict=False) if before == line}
    if len(old) != len(new) or len(lines) != 1:
        return occurrence
    (changed,) = lines
    if changed == line:
        return replace(occurrence, status=Status.KEPT)
    variant, text = occurrence.variant, occurrence.variant.text
    possible = [variant.variable, *occurrence.others, *rendering.answers]
    there = {
        name: str(other.answers[name])
        for name in possible
        if rendering.answers.get(name) == text and str(other.answers[name]) in changed
    }
    # The text of one may be a part of another's.
    longest = max(there.values(), key=len, default="")
    if not longest or any(one not in longest for one in there.values()):
        return occurrence
    name = next(name for name, one in there.items() if one == longest)
    others = tuple(one for one in (variant.variable, *occurrence.others) if one != name)
    chosen = replace(variant, variable=name)
    return replace(occurrence, variant=chosen, status=Status.ACCEPTED, others=others)


def kept(
    parent: Parent, files: Tree, occurrences: Sequence[Occurrence], recipe: Recipe
) -> ParentFiles:
    """Return what a project has from its parent: a decision for each source of the parent."""
    rendered = parent.rendering.files
    variables: dict[str, Counter[str]] = {}
    for occurrence in occurrences:
        if occurrence.status.is_substituted:
            variables.setdefault(occurrence.path, Counter())[occurrence.variant.variable] += 1
    # A literal that becomes a question is not the parent's text any more.
    literals = {one.name for one in recipe.parameters}
    changed = {
        occurrence.path
        for occurrence in occurrences
        if occurrence.status.is_substituted and occurrence.variant.value.name in literals
    }
    found = ParentFiles(parent.name, str(parent.rendering.answers.get("family", parent.name)))
    used: set[str] = set()
    unneeded: set[str] = set()
    left_out: list[Source] = []
    replaced: dict[str, list[str]] = {}
    for source in parent.sources:
        target = source.target
        # Prose about the project makes no other answer wrong.
        is_prose = target is not None and target.endswith(".md")
        named = Counter() if is_prose else parent.choices(source)
        if target is None:
            bare = parent.target(CONDITION.sub("", source.path).removesuffix(SUFFIX))
            if bare in files:
                lose(replaced, parent.choices_of_path(source), str(bare))
            else:
                left_out.append(source)
        elif target not in files:
            found.deleted.append(target)
            unneeded |= named.keys()
        elif files[target].content == rendered[target].content and target not in changed:
            path, file, origin = keep(source, files[target].executable, files)
            found.sources[path], found.origins[target] = file, origin
            used |= named.keys()
        else:
            own = variables.get(target, Counter())
            lose(replaced, {name for name in named if own[name] < named[name]}, target)
    found.deleted.sort()
    fix(found, parent.rendering, replaced, unneeded - used, recipe.fix)
    folders = {folder for path in files for folder in parents_of(path)}
    for source in left_out:
        # A file that another answer brings comes along, if the owner has not deleted its folder.
        is_there = not source.folder or source.folder in folders
        if is_there and parent.choices_of_path(source) - found.fixed.keys():
            path, file, _ = keep(source, source.file.executable, files)
            found.sources[path] = file
    return found


def lose(replaced: dict[str, list[str]], choices: Iterable[str], path: str) -> None:
    """Note that the owner's file follows some choices no longer."""
    for name in choices:
        for lost in {name, MADE_FROM.get(name, name)}:
            replaced.setdefault(lost, []).append(path)


def fix(
    found: ParentFiles,
    rendering: Rendering,
    replaced: Mapping[str, Sequence[str]],
    unneeded: Iterable[str],
    forced: Sequence[str],
) -> None:
    """Fix the choices that a project of the template cannot have, or that the user names."""
    possible = [name for name in CHOICES if name in rendering.asked or name == SELDOM_ASKED]
    for name in forced:
        if name not in possible:
            raise CaptureError(f"--fix {name}: name one of {', '.join(possible) or 'none'}.")
    reasons = dict.fromkeys(unneeded, "all files that depend on it were deleted")
    reasons |= {
        name: f"changed files depend on it ({', '.join(sorted(set(paths)))})"
        for name, paths in replaced.items()
    }
    reasons |= dict.fromkeys(forced, "as --fix asks")
    found.reasons = {name: reasons[name] for name in possible if name in reasons}
    found.fixed = dict(rendering.answers.get("fixed") or {})
    found.fixed |= {name: rendering.answers[name] for name in found.reasons}


def keep(source: Source, executable: bool, files: Tree) -> tuple[str, File, Origin]:
    """Return what stands for a source of the parent in another template.

    Returns:
        A path in the template's folder, the file, and what it is.

    """
    # Beside `a.jinja` of the project, whose source is `a.jinja.jinja`, Copier drops an `a.jinja`.
    is_free = source.is_template or f"{source.target}{SUFFIX}" not in files
    if not can_be_included(source) or not is_free:
        return source.path, File(source.file.content, executable), Origin.COPY
    name = source.path if source.is_template else source.path + SUFFIX
    text = source.file.text or ""
    if not source.is_template or not STUB.fullmatch(text):
        text = f'{{% include "{source.real}" -%}}\n'
    return name, File(text.encode(), executable), Origin.INCLUDE


def can_be_included(source: Source) -> bool:
    """Return whether Jinja gives a source as Copier gives it."""
    if '"' in source.real or "\\" in source.real or source.file.text is None:
        return False
    # Jinja reads braces, and turns every end of line into a newline.
    plain = source.file.text
    return source.is_template or not (JINJA.search(plain) or "\r" in plain)
