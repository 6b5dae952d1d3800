"""Asks the user at the terminal about the occurrences that the capture cannot be certain of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TextIO

import yaml

from extensions.decisions import ACCEPT, KEEP, parse, target_of, undecided
from extensions.model import Occurrence, Tree, Value

# So much of a line is shown on each side of an occurrence.
AROUND = 40

HELP = (
    "  y  yes, put the variable    a  yes, and so for all others of this value\n"
    "  n  no, leave the text       o  no, and so for all others of this value\n"
    "  q  ask no more              (another variable: --decisions FILE)\n"
)


def ask(
    occurrences: Iterable[Occurrence], files: Tree, answers: TextIO, screen: TextIO
) -> dict[str, str]:
    """Ask about each undecided occurrence, and return the decisions by place.

    After `q`, or when there is nothing more to read, the occurrences that are left are not in the
    result.
    """
    open_ = undecided(occurrences)
    decided: dict[str, str] = {}
    for_all: dict[Value, bool] = {}
    if open_:
        screen.write(f"{len(open_)} places may mean a value, or not.\n{HELP}")
    for number, occurrence in enumerate(open_, 1):
        value, place = occurrence.variant.value, target_of(occurrence)
        # A folder's name may have several occurrences.
        accepted = ACCEPT if occurrence.in_name else occurrence.variant.variable
        if value in for_all:
            decided[place] = accepted if for_all[value] else KEEP
            continue
        screen.write(f"\n{number} of {len(open_)}: {place}\n{shown(occurrence, files)}")
        question = f"Put {{{{ {occurrence.variant.variable} }}}} there?"
        letter = _choice(question, "ynaoq", answers, screen)
        if letter == "q":
            break
        if letter in "ao":
            for_all[value] = letter == "a"
        decided[place] = KEEP if letter in "no" else accepted
    return decided


def shown(occurrence: Occurrence, files: Tree) -> str:
    """Return the line with an occurrence, or the path, and below it what marks the occurrence."""
    text = occurrence.path if occurrence.in_name else files[occurrence.path].text or ""
    start, length = occurrence.start, occurrence.end - occurrence.start
    begin = max(text.rfind("\n", 0, start) + 1, start - AROUND)
    end = text.find("\n", occurrence.end)
    end = min(end if end >= 0 else len(text), occurrence.end + AROUND)
    line = "".join(one if one.isprintable() else " " for one in text[begin:end])
    return f"  {line.rstrip()}\n  {' ' * (start - begin)}{'^' * length}\n"


def save(path: Path, decided: Mapping[str, str]) -> None:
    """Add decisions to a file; what is there stays, with its comments."""
    before = path.read_text("utf-8") if path.exists() else ""
    if before and not before.endswith("\n"):
        before += "\n"
    merged = {**parse(before), **decided}
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


def _choice(question: str, letters: str, answers: TextIO, screen: TextIO) -> str:
    """Return one of the letters; `q` when there is nothing more to read."""
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
