"""What a conversion has done, and what it leaves to a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Notes:
    """What is told of a conversion, in the order in which it is to be done or read.

    Attributes:
        must: What a person has to do before the project works.
        should: What a person should look at; it works without.
        adapted: What is in the new project in another form.
        carried: What is in the new project as it was.
        left: What is not carried, with what to use instead.
        cut: Code that was taken out, by the place where the old project has it.

    """

    must: list[str] = field(default_factory=list)
    should: list[str] = field(default_factory=list)
    adapted: list[str] = field(default_factory=list)
    carried: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    cut: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The list, for a terminal and for CONVERTED.md."""
        return "\n".join(self._lines())

    @property
    def page(self) -> str:
        """The list with the code that was taken out."""
        parts = [self.text]
        for place, source in self.cut.items():
            parts += ["", f"Taken out of {place}:", "", "```python", source.rstrip("\n"), "```"]
        return "\n".join(parts) + "\n"

    def _lines(self) -> Iterator[str]:
        steps = {"To do before it works": self.must, "To look at": self.should}
        number = 0
        for title, lines in steps.items():
            if lines:
                yield from ("", f"{title}, in this order:", "")
            for line in lines:
                number += 1
                yield f"{number}. {line}"
        told = {"Adapted": self.adapted, "Carried": self.carried, "Not carried": self.left}
        for title, lines in told.items():
            if lines:
                yield from ("", f"{title}:", "", *(f"- {line}" for line in lines))


def names(words: list[str], shown: int = 6) -> str:
    """Return some names, and how many more there are."""
    more = len(words) - shown
    return ", ".join(words[:shown]) + (f" and {more} more" if more > 0 else "")
