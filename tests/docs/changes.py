"""What a reader does with a block that is not of the console: writes a file, or changes one."""

from __future__ import annotations

from pathlib import Path

from tests.docs.pages import Block


def apply(block: Block, project: Path) -> None:
    """Do what a block says to the file of its title."""
    path = project / block.title
    if block.language == "diff":
        change(path, block.text)
    elif block.language == "markdown":
        replace_section(path, block.text)
    else:
        path.write_text(block.text, "utf-8")


def change(path: Path, difference: str) -> None:
    """Apply a difference, whose parts between `@@` each stand in the file once."""
    text = path.read_text("utf-8")
    for part in difference.split("@@\n"):
        lines = part.splitlines()
        old = "\n".join(line[1:] for line in lines if line[0] in " -")
        new = "\n".join(line[1:] for line in lines if line[0] in " +")
        assert text.count(old) == 1, f"{path.name} has {text.count(old)} times:\n{old}"
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


def replace_section(path: Path, section: str) -> None:
    """Put a section in the place of the one with its heading, which is the last."""
    heading = section.splitlines()[0]
    before, found, old = path.read_text("utf-8").partition(f"\n{heading}\n")
    assert found, f"{path.name} has no {heading!r}"
    assert "\n## " not in old, f"{heading!r} is not the last section of {path.name}"
    path.write_text(f"{before}\n{section}", "utf-8")
