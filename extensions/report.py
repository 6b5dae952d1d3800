"""The report of a capture: values, occurrences, sources, proofs, and what would change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from extensions.capture import Capture, title_of
from extensions.model import File, Occurrence, Status, Tree
from extensions.proofs import Proof
from extensions.record import PAGE
from extensions.template import ANSWERS_SOURCE
from extensions.trees import unified
from extensions.variants import variants

# So many occurrences of a kind are shown; --json lists all.
SHOWN = 12
WIDTH = 100

# What the user should look at; a plain accepted occurrence is as expected.
HEADS = {
    Status.COLLISION: "Several variants or values have this text; the place has chosen",
    Status.INSIDE: "Left, inside longer words",
    Status.UNNAMED: "Left, as the line does not name the parameter",
    Status.KEPT: "Left, as decided, or as the parent has it",
    Status.BINARY: "Left, in files that are not text",
}


def text(capture: Capture, proofs: Sequence[Proof], notes: Sequence[str] = ()) -> str:
    """Return the report for people."""
    project, residue = capture.project, capture.residue
    size = sum(len(file.content) for file in project.files.values())
    heading = (
        f"Template {capture.name}: {title_of(capture)}\n"
        f"Project {project.root}, commit {project.commit[:12]}: "
        f"{len(project.files)} files, {size / 1e6:.1f} MB\n"
    )
    missing = [f"{part.what}. {part.remedy}" for part in capture.missing]
    spellings = [f"{one.place}: {one.text!r}" for one in residue[:SHOWN]]
    parts = [
        heading,
        section("Missing, though a template can do without", missing),
        section("Values", values(capture)),
        *ambiguities(capture),
        section(
            f"Left, spelled in none of the variants: {len(residue)}", spellings + more(len(residue))
        ),
        section("Sources", list(sources(capture))),
        section("Notes", notes),
        section(
            "Proofs",
            [f"{'' if one.holds else 'not '}proven: {one.claim} ({one.figures})" for one in proofs],
        ),
    ]
    return "\n".join(part for part in parts if part)


def section(title: str, lines: Sequence[str]) -> str:
    """Return a title with lines below it, or nothing if there are none."""
    return "\n".join([title, *(f"  {line}" for line in lines), ""]) if lines else ""


def values(capture: Capture) -> list[str]:
    """Return each value with its variants, and at how many places each is substituted."""
    counts = Counter(
        one.variant.variable for one in capture.occurrences if one.status.is_substituted
    )

    def counted(name: str) -> str:
        return f"{counts[name]} occurrence{'' if counts[name] == 1 else 's'} of the project's own"

    lines = []
    for value in capture.values:
        lines.append(f"{value.name} = {short(value.text, 60)!r}: {counted(value.name)}")
        lines += [
            f"  {variant.variable} = {variant.text!r}: {counted(variant.variable)}"
            for variant in variants(value)
            if variant.variable != value.name and counts[variant.variable]
        ]
    return lines


def ambiguities(capture: Capture) -> Iterator[str]:
    """Yield a part for each kind of occurrence that the user should look at."""
    for status, head in HEADS.items():
        found = [one for one in capture.occurrences if one.status is status]
        lines = [line for one in found[:SHOWN] for line in occurrence_lines(capture, one)]
        yield section(f"{head}: {len(found)}" if found else "", [*lines, *more(len(found))])


def more(count: int) -> list[str]:
    """Return how many of so many are not shown, if any."""
    return [f"and {count - SHOWN} more, which --json lists"] if count > SHOWN else []


def occurrence_lines(capture: Capture, occurrence: Occurrence) -> Iterator[str]:
    """Yield an occurrence for people: its place, what is there, and what will be."""
    before, after = change(capture, occurrence)
    if occurrence.status.is_substituted:
        others = f", not {', '.join(occurrence.others)}" if occurrence.others else ""
        yield f"{occurrence.place}: {occurrence.variant.variable}{others}"
        yield f"  - {short(before)}"
        yield f"  + {short(after)}"
    else:
        yield f"{occurrence.place}: {short(before)}"


def change(capture: Capture, occurrence: Occurrence) -> tuple[str, str]:
    """Return the line of an occurrence as it is, and as it is in the template."""
    path, start, end = occurrence.path, occurrence.start, occurrence.end
    held = path if occurrence.in_name else capture.project.files[path].text
    if held is None:
        return occurrence.variant.text, occurrence.variant.text
    first, last = held.rfind("\n", 0, start) + 1, held.find("\n", end)
    last = len(held) if last < 0 else last
    before = held[first:last].strip()
    if not occurrence.status.is_substituted:
        return before, before
    variable = f"{{{{ {occurrence.variant.variable} }}}}"
    return before, f"{held[first:start]}{variable}{held[end:last]}".strip()


def sources(capture: Capture) -> Iterator[str]:
    """Yield where the files of the template come from, and which choices became fixed."""
    inheritance = capture.inheritance
    by_origin = sorted(inheritance.origins.items(), key=lambda item: (item[1].value, item[0]))
    for origin, group in groupby(by_origin, key=lambda item: item[1]):
        paths = [path for path, _ in group]
        yield f"{len(paths)} of {inheritance.parent}: {origin.value}"
        yield from (f"  {path}" for path in sorted(paths))
    yield from (f"without {path}, which is not in the project" for path in inheritance.deleted)
    inherited = {ANSWERS_SOURCE, *inheritance.sources}
    own = sorted(path for path in capture.sources if path not in inherited)
    rendered = sum(path.endswith(".jinja") for path in own)
    yield f"{len(capture.own)} its own: {rendered} through Jinja, the rest byte for byte"
    yield from (f"  {path}" for path in own[:SHOWN])
    yield from (f"  {line}" for line in more(len(own)))
    for question, answer in inheritance.fixed.items():
        reason = inheritance.reasons.get(question, f"it is so in {inheritance.parent}")
        yield f"{question} is always {answer!r}: {reason}"


def short(line: str, width: int = WIDTH) -> str:
    """Return a line that fits."""
    return line if len(line) <= width else f"{line[: width - 3]}..."


def closing(capture: Capture, files: Tree) -> str:
    """Return what was written, and what to do next."""
    name = capture.name
    return (
        f"Written: {len(files)} files of the template {name}. Next:\n\n"
        f"  git add templates tests/captured && git commit -m 'Template {name}'\n"
        f'  pipx run copier copy --vcs-ref HEAD --data template={name} "$PWD" ../my-project\n'
    )


def changes(repository: Path, files: Tree, before: Tree) -> str:
    """Return what a capture would change: new files by folder, and the diff of all others."""
    page = repository / PAGE
    there = {path: file for path, file in before.items() if not path.startswith(PAGE)}
    there |= {PAGE: File(page.read_bytes())} if page.is_file() else {}
    new = Counter(path.rpartition("/")[0] for path in files.keys() - there.keys())
    lines = [f"New: {new.total()} files"]
    lines += [f"  {folder}/: {count}" for folder, count in sorted(new.items())]
    lines += [f"Removed: {path}" for path in sorted(there.keys() - files.keys())]
    both = sorted(files.keys() & there.keys())
    return "\n".join([*lines, "".join(unified(path, there[path], files[path]) for path in both)])


def data(
    capture: Capture, files: Tree, proofs: Sequence[Proof], notes: Sequence[str]
) -> dict[str, Any]:
    """Return all that the report for people says, and every occurrence, for programs."""
    inheritance = capture.inheritance
    return {
        "template": capture.name,
        "title": title_of(capture),
        "project": {
            "path": str(capture.project.root),
            "commit": capture.project.commit,
            "files": len(capture.project.files),
        },
        "missing": [{"what": part.what, "remedy": part.remedy} for part in capture.missing],
        "values": [
            {
                "name": value.name,
                "text": value.text,
                "variants": {variant.variable: variant.text for variant in variants(value)},
            }
            for value in capture.values
        ],
        "occurrences": [occurrence_data(capture, one) for one in capture.occurrences],
        "residue": [vars(one) for one in capture.residue],
        "parent": inheritance.parent or None,
        "inherited": {path: origin.name.lower() for path, origin in inheritance.origins.items()},
        "removed": list(inheritance.deleted),
        "fixed": dict(inheritance.fixed),
        "own": sorted(capture.own),
        "files": sorted(files),
        "notes": list(notes),
        "proofs": [vars(proof) for proof in proofs],
    }


def occurrence_data(capture: Capture, occurrence: Occurrence) -> dict[str, Any]:
    """Return an occurrence for programs."""
    before, after = change(capture, occurrence)
    return {
        "place": occurrence.place,
        "path": occurrence.path,
        "line": occurrence.line,
        "column": occurrence.column,
        "status": occurrence.status.name.lower(),
        "variable": occurrence.variant.variable,
        "text": occurrence.variant.text,
        "others": list(occurrence.others),
        "before": before,
        "after": after,
    }
