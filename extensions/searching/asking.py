"""Asks a person about the sites that the capture cannot be certain of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TextIO

import yaml

from extensions.model import Site, Tree, Value
from extensions.searching.decisions import ACCEPT, KEEP, Decisions, parse, undecided
from extensions.searching.places import target_of

# So much of a line is shown on each side of a site.
AROUND = 40

HELP = (
    "  y  yes, put the variable    a  yes, and so for all others of this value\n"
    "  n  no, leave the text       o  no, and so for all others of this value\n"
    "  f  put another variable     q  ask no more\n"
)


def ask(sites: Iterable[Site], files: Tree, answers: TextIO, screen: TextIO) -> dict[str, str]:
    """Ask about each undecided site, and return the decisions by place.

    Whoever stops, or has no more to say, is asked no further; the sites that are left are not in
    the result.

    Args:
        sites: All sites.
        files: The files that they are in.
        answers: Where the person's lines come from.
        screen: Where the questions go.

    """
    open_ = undecided(sites)
    decided: dict[str, str] = {}
    for_all: dict[Value, bool] = {}
    if open_:
        screen.write(f"{len(open_)} places may mean a value, or not.\n{HELP}")
    for number, site in enumerate(open_, 1):
        value = site.form.value
        if value in for_all:
            decided[target_of(site)] = _answer(site) if for_all[value] else KEEP
            continue
        screen.write(f"\n{number} of {len(open_)}: {target_of(site)}\n{shown(site, files)}")
        letter = _choice(f"Put {{{{ {site.form.variable} }}}} there?", "ynaofq", answers, screen)
        if letter == "q":
            break
        if letter in "ao":
            for_all[value] = letter == "a"
        if letter in "no":
            decided[target_of(site)] = KEEP
        elif letter in "ya":
            decided[target_of(site)] = _answer(site)
        elif (variable := _other(site, answers, screen)) is None:
            break
        else:
            decided[target_of(site)] = variable
    return decided


def shown(site: Site, files: Tree) -> str:
    """Return the line with a site, or the path, and below it what marks the site."""
    text = site.path if site.in_name else files[site.path].text or ""
    begin = max(text.rfind("\n", 0, site.start) + 1, site.start - AROUND)
    end = text.find("\n", site.end)
    end = min(end if end >= 0 else len(text), site.end + AROUND)
    line = "".join(one if one.isprintable() else " " for one in text[begin:end])
    return f"  {line.rstrip()}\n  {' ' * (site.start - begin)}{'^' * (site.end - site.start)}\n"


def save(path: Path, decided: Mapping[str, str]) -> None:
    """Add decisions to a file; what is there stays, with its comments."""
    before = path.read_text("utf-8") if path.exists() else ""
    if before and not before.endswith("\n"):
        before += "\n"
    merged = Decisions(parse(before)).then(decided).answers
    after = before + _dump(decided)
    try:
        is_right = parse(after) == merged
    except (yaml.YAMLError, ValueError):
        # It was written in braces, or a decision was changed.
        is_right = False
    path.write_text(after if is_right else _dump(merged), "utf-8")


def _dump(decided: Mapping[str, str]) -> str:
    if not decided:
        return ""
    return yaml.safe_dump(dict(decided), allow_unicode=True, sort_keys=False, width=1000)


def _answer(site: Site) -> str:
    """Return the answer that puts what is proposed; a name may have several sites."""
    return ACCEPT if site.in_name else site.form.variable


def _choice(question: str, letters: str, answers: TextIO, screen: TextIO) -> str:
    """Return one of the letters; `q` when there is no more to read."""
    while True:
        screen.write(f"{question} [{'/'.join(letters)}] ")
        screen.flush()
        line = answers.readline()
        if not line:
            return "q"
        letter = line.strip().lower()[:1]
        if letter and letter in letters:
            return letter
        screen.write(HELP)


def _other(site: Site, answers: TextIO, screen: TextIO) -> str | None:
    """Return the variable that the person chooses, or None when there is no more to read."""
    variables = [site.form.variable, *site.others]
    while True:
        screen.write("".join(f"  {at}  {name}\n" for at, name in enumerate(variables, 1)))
        screen.write("Which one? ")
        screen.flush()
        line = answers.readline()
        if not line:
            return None
        given = line.strip()
        if given in variables:
            return given
        if given.isdecimal() and 0 < int(given) <= len(variables):
            return variables[int(given) - 1]
