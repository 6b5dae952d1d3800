"""What a person has decided about sites, and what happens to those that nobody decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import yaml

from extensions.model import CaptureError, Form, Site, Status
from extensions.searching.places import Place, places_of, target_of

# The answers beside a variable: leave the text, or put what the capture proposes.
KEEP = "keep"
ACCEPT = "accept"

# More of a value are counted, not listed.
LISTED = 100


class Decisions:
    """Answers by place: `keep`, `accept`, or the variable that is to stand there.

    A place is `PATH` for all of a file's content, `PATH:LINE`, `PATH:LINE:COLUMN`, or `PATH:name`
    for the last part of a path. `*`, `?` and `[…]` in a path match as in a shell, slashes too. Of
    several places that a site is at, the most specific one counts. A part of a longer word is
    only replaced by an answer for exactly that place.
    """

    def __init__(self, answers: Mapping[str, str] | None = None) -> None:
        self.answers = dict(answers or {})
        self._exact = {place: Place.parse(place) for place in self.answers}
        patterns = [place for place in self._exact.values() if place.is_pattern]
        self._patterns = sorted(patterns, key=lambda place: place.rank, reverse=True)

    @classmethod
    def read(cls, path: Path) -> Decisions:
        """Read a YAML file.

        Raises:
            CaptureError: It cannot be read, or it is no mapping of places to answers.

        """
        try:
            return cls(parse(path.read_text("utf-8")))
        except OSError as error:
            raise CaptureError(f"--decisions {path}: {error.strerror}", code=2) from error
        except (UnicodeDecodeError, yaml.YAMLError, ValueError) as error:
            raise CaptureError(
                f"--decisions {path}: {error}\nEach line is PLACE: ANSWER, such as "
                "src/trainer.py:12:5: keep. A place that begins with * is put in quotes.",
                code=2,
            ) from error

    def then(self, later: Mapping[str, str]) -> Decisions:
        """Return these with later ones, which win."""
        return Decisions({**self.answers, **later})

    def settle(self, site: Site, by_variable: Mapping[str, Form]) -> Site:
        """Return the site as it was decided, or as it is if nobody did."""
        if site.status is Status.BINARY:
            return site
        for place in self._places(site):
            answer = self.answers[place.text]
            if answer == KEEP:
                return replace(site, status=Status.KEPT)
            if answer == ACCEPT and site.status is not Status.INSIDE:
                status = Status.COLLISION if site.others else Status.ACCEPTED
                return replace(site, status=status)
            offered = (site.form.variable, *site.others)
            if answer in offered and (site.status is not Status.INSIDE or place.is_one_site):
                others = tuple(one for one in offered if one != answer)
                form = by_variable[answer]
                return replace(site, form=form, status=Status.ACCEPTED, others=others)
        return site

    def check(self, sites: Iterable[Site]) -> None:
        """Refuse decisions that no site is concerned by.

        Raises:
            CaptureError: The places at which no value stands, and the variables that none of the
                sites of a place can have.

        """
        offered: dict[str, set[str]] = {place: set() for place in self.answers}
        for site in sites:
            for place in self._places(site):
                offered[place.text].update((site.form.variable, *site.others))
        problems = []
        for text, variables in offered.items():
            if not variables:
                problems.append(f"  {text}: no value stands there; correct the place or remove it")
            elif (answer := self.answers[text]) not in {KEEP, ACCEPT} | variables:
                possible = ", ".join((KEEP, ACCEPT, *sorted(variables)))
                problems.append(f"  {text}: it cannot be {answer!r}; possible are: {possible}")
        if problems:
            raise CaptureError("\n".join(["Of the decisions these concern no site:", *problems]))

    def _places(self, site: Site) -> list[Place]:
        """Return the places that a site is at, the most specific first."""
        exact = [self._exact[place] for place in places_of(site) if place in self._exact]
        patterns = [place for place in self._patterns if place.matches(site)]
        return sorted({*exact, *patterns}, key=lambda place: place.rank, reverse=True)


def parse(text: str) -> dict[str, str]:
    """Read a YAML mapping of texts to texts; unlike YAML's own types, all stay texts.

    Raises:
        ValueError: It is no such mapping, or it has a place twice.
        yaml.YAMLError: It is no YAML.

    """
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise ValueError("no mapping of places to answers")
    answers: dict[str, str] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or not isinstance(value, yaml.ScalarNode):
            raise ValueError(f"line {line}: a place and an answer are wanted")
        if key.value in answers:
            raise ValueError(f"line {line}: {key.value} is decided twice")
        if not key.value or not value.value:
            raise ValueError(f"line {line}: the place or the answer is missing")
        answers[key.value] = value.value
    return answers


def undecided(sites: Iterable[Site]) -> list[Site]:
    """Return the sites that a person must decide; of those in one name of a folder the first."""
    first: dict[str, Site] = {}
    for site in sites:
        if site.status is Status.UNDECIDED:
            first.setdefault(target_of(site), site)
    return list(first.values())


def refuse(sites: Sequence[Site]) -> None:
    """Refuse sites that nobody has decided.

    Raises:
        CaptureError: Their list by value, and how to decide them.

    """
    open_ = sorted(undecided(sites), key=lambda site: site.form.value.name)
    if not open_:
        return
    lines = []
    for value, group in groupby(open_, key=lambda site: site.form.value):
        found = list(group)
        lines.append(
            f"{value.name} is {value.text!r}, which is too short or too common to be certain that "
            f"these places mean it ({len(found)}):"
        )
        lines += [
            f"  {target_of(site)}: {site.form.text} -> {site.form.variable}"
            for site in found[:LISTED]
        ]
        if len(found) > LISTED:
            lines.append(f"  ... and {len(found) - LISTED} more")
    keep, take = {target_of(open_[0]): KEEP}, {target_of(open_[-1]): open_[-1].form.variable}
    example = yaml.safe_dump(keep) + (yaml.safe_dump(take) if take.keys() != keep.keys() else "")
    lines += [
        "Decide each in a file, and name it with --decisions FILE. A place is left as it is by "
        "`keep`, gets what is shown by `accept`, or the variable that you name:",
        *(f"  {line}" for line in example.splitlines()),
        '  "docs/*": accept',
    ]
    raise CaptureError("\n".join(lines))
