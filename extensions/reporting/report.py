"""What a person reads of a capture: values, sites, sources, proofs, and what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from extensions.capture import Capture, title_of
from extensions.forms import forms
from extensions.inheritance import Origin
from extensions.model import Site, Status, Tree
from extensions.proving.proof import Proof
from extensions.storing.template import ANSWERS_SOURCE

# So many sites of a kind are shown; --json lists all.
SHOWN = 12
WIDTH = 100

# What a person should look at; a plain accepted site is as expected.
HEADS = {
    Status.COLLISION: "Several forms or values have this text; the place has chosen",
    Status.INSIDE: "Left, inside longer words",
    Status.UNNAMED: "Left, as the line does not name the parameter",
    Status.KEPT: "Left, as decided, or as the parent has it",
    Status.BINARY: "Left, in files that are no text",
}


def text(capture: Capture, proofs: Sequence[Proof], notes: Sequence[str] = ()) -> str:
    """Return the report."""
    parts = [
        heading(capture),
        section("Missing, though a template can do without", lacks(capture)),
        section("Values", values(capture)),
        *ambiguities(capture),
        section(f"Left, spelled in none of the forms: {len(capture.traces)}", spellings(capture)),
        section("Sources", list(sources(capture))),
        section("Notes", list(notes)),
        section("Proofs", list(map(proof_line, proofs))),
    ]
    return "\n".join(part for part in parts if part)


def heading(capture: Capture) -> str:
    """Return what was captured."""
    project = capture.project
    size = sum(len(file.content) for file in project.files.values())
    return (
        f"Template {capture.name}: {title_of(capture)}\n"
        f"Project {project.root}, commit {project.commit[:12]}: "
        f"{len(project.files)} files, {size / 1e6:.1f} MB\n"
    )


def section(title: str, lines: Sequence[str]) -> str:
    """Return a title with lines below it, or nothing if there are none."""
    return "\n".join([title, *(f"  {line}" for line in lines), ""]) if lines else ""


def lacks(capture: Capture) -> list[str]:
    """Return what the project would be better for."""
    return [f"{lack.what}. {lack.remedy}" for lack in capture.lacks]


def values(capture: Capture) -> list[str]:
    """Return each value with its forms, and at how many sites each is substituted."""
    found = [site.form for site in capture.sites if site.status.is_substituted]
    counts = Counter(form.variable for form in found)
    lines = []
    for value in capture.values:
        lines.append(f"{value.name} = {short(value.text, 60)!r}: {counted(counts[value.name])}")
        lines += [
            f"  {form.variable} = {form.text!r}: {counted(counts[form.variable])}"
            for form in forms(value)
            if form.variable != value.name and counts[form.variable]
        ]
    return lines


def counted(sites: int) -> str:
    """Return a number of sites."""
    return f"{sites} site{'' if sites == 1 else 's'} of the project's own"


def ambiguities(capture: Capture) -> Iterator[str]:
    """Yield a part for each kind of site that a person should look at."""
    for status, head in HEADS.items():
        sites = [site for site in capture.sites if site.status is status]
        lines = [line for site in sites[:SHOWN] for line in site_lines(capture, site)]
        yield section(f"{head}: {len(sites)}", [*lines, *more(len(sites))])


def spellings(capture: Capture) -> list[str]:
    """Return where the words of a value stand in another spelling."""
    found = [f"{trace.place}: {trace.text!r}" for trace in capture.traces]
    return [*found[:SHOWN], *more(len(found))]


def more(count: int) -> list[str]:
    """Return how many of so many are not shown, if any."""
    return [f"and {count - SHOWN} more, which --json lists"] if count > SHOWN else []


def site_lines(capture: Capture, site: Site) -> Iterator[str]:
    """Yield a site as a person reads it: its place, what is there, and what will be."""
    before, after = change(capture, site)
    if site.status.is_substituted:
        others = f", not {', '.join(site.others)}" if site.others else ""
        yield f"{site.place}: {site.form.variable}{others}"
        yield f"  - {short(before)}"
        yield f"  + {short(after)}"
    else:
        yield f"{site.place}: {short(before)}"


def change(capture: Capture, site: Site) -> tuple[str, str]:
    """Return the line of a site as it is, and as it is in the template."""
    held = site.path if site.in_name else capture.project.files[site.path].text
    if held is None:
        return site.form.text, site.form.text
    begin, end = held.rfind("\n", 0, site.start) + 1, held.find("\n", site.end)
    line_end = len(held) if end < 0 else end
    before = held[begin:line_end].strip()
    if not site.status.is_substituted:
        return before, before
    variable = f"{{{{ {site.form.variable} }}}}"
    return before, f"{held[begin : site.start]}{variable}{held[site.end : line_end]}".strip()


def sources(capture: Capture) -> Iterator[str]:
    """Yield where the files of the template come from."""
    inheritance = capture.inheritance
    origins = sorted(inheritance.origins.items(), key=lambda item: (item[1].value, item[0]))
    for origin, group in groupby(origins, key=lambda item: item[1]):
        paths = [path for path, _ in group]
        yield f"{len(paths)} of {inheritance.parent}: {origin.value}"
        if origin is Origin.LINK:
            linked = inheritance.sources.items()
            paths = [path for path, file in linked if file.link is not None]
        yield from (f"  {path}" for path in sorted(paths))
    yield from (f"without {path}, which is not in the project" for path in inheritance.deleted)
    inherited = {ANSWERS_SOURCE, *inheritance.sources}
    own = [path for path in capture.sources if path not in inherited]
    rendered = sum(path.endswith(".jinja") for path in own)
    yield f"{len(capture.own)} its own: {rendered} through Jinja, the rest byte for byte"
    yield from (f"  {path}" for path in sorted(own)[:SHOWN])
    if len(own) > SHOWN:
        yield f"  and {len(own) - SHOWN} more"
    for question, answer in inheritance.fixed.items():
        reason = inheritance.reasons.get(question, f"it is so in {inheritance.parent}")
        yield f"{question} is always {answer!r}: {reason}"


def proof_line(proof: Proof) -> str:
    """Return a proof with its figures."""
    return f"{'proven' if proof.holds else 'not proven'}: {proof.claim} ({proof.figures})"


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
