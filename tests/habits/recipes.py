"""The recipes of a generated README, done as they say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

HEADING = re.compile(r"^(?=#{2,3} )", re.MULTILINE)
BLOCK = re.compile(r"^```(diff|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"`((?:src|tests)/[\w/]+\.py)`")


@dataclass(frozen=True)
class Edit:
    """A block of a recipe: lines that come and go, or a text for the end of a file."""

    file: str
    kind: str
    text: str

    def apply(self, project: Path) -> None:
        """Make the change; what goes and what stays around it is in the file exactly once."""
        path = project / self.file
        before = path.read_text("utf-8")
        if self.kind == "python":
            path.write_text(f"{before}\n\n{self.text}", "utf-8")
            return
        lines = self.text.splitlines(keepends=True)
        old, new = (
            "".join(line[1:] for line in lines if line[0] in marks) for marks in (" -", " +")
        )
        assert before.count(old) == 1, f"{self.file} has {before.count(old)} times:\n{old}"
        path.write_text(before.replace(old, new), "utf-8")


def sections(readme: Path) -> dict[str, str]:
    """Return the texts of a README by their headings."""
    parts = HEADING.split(readme.read_text("utf-8"))[1:]
    return {part.partition("\n")[0].strip("# "): part for part in parts}


def recipes(readme: Path) -> dict[str, list[Edit]]:
    """Return the edits of each recipe that has some; a block is for the file named last."""
    found: dict[str, list[Edit]] = {}
    for heading, text in sections(readme).items():
        for block in BLOCK.finditer(text):
            file = FILE.findall(text, 0, block.start())[-1]
            found.setdefault(heading, []).append(Edit(file, block[1], block[2]))
    return found
