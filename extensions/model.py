"""What a capture is about: files, values, their case variants, and where these occur."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class CaptureError(Exception):
    """A reason why nothing is written, with its remedy, as the user reads it.

    Attributes:
        code: The exit code: 1 a proof failed, 3 the project is refused or decisions are missing,
            4 edits by hand clash.

    """

    def __init__(self, message: str, code: int = 3) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class File:
    """A file of a project or of a template, or a symbolic link in a project."""

    content: bytes = b""
    executable: bool = False
    # The target of a symbolic link, relative to the folder that it is in; the content is empty.
    link: str | None = None

    @property
    def text(self) -> str | None:
        """The content as text with its line ends as they are, or None if it is not UTF-8 text."""
        try:
            text = self.content.decode("utf-8")
        except UnicodeDecodeError:
            return None
        return None if "\0" in text else text


# By path relative to the root, with slashes.
Tree = Mapping[str, File]


@dataclass(frozen=True)
class Value:
    """A text of the project that the template asks for.

    Attributes:
        name: The question, such as `project_name`.
        text: The project's own answer, as its files have it.
        is_parameter: Whether a capture makes the question (`--param`).
        has_variants: Whether its snake, kebab, Pascal, upper and title variants count too.

    """

    name: str
    text: str
    is_parameter: bool = False
    has_variants: bool = False


@dataclass(frozen=True)
class CaseVariant:
    """A spelling of a value: the variable that a template names, and the text it stands for."""

    value: Value
    variable: str
    text: str


class Status(Enum):
    """What becomes of an occurrence."""

    ACCEPTED = "accepted"
    COLLISION = "accepted, one of several variants"
    INSIDE = "left, inside a longer word"
    BINARY = "left, in a file that is not UTF-8 text"
    UNNAMED = "left, the line does not name the parameter"
    KEPT = "left, as decided"
    UNDECIDED = "undecided"

    @property
    def is_substituted(self) -> bool:
        """Whether the template has a variable there."""
        return self in (Status.ACCEPTED, Status.COLLISION)


@dataclass(frozen=True)
class Occurrence:
    """A place where a case variant of a value occurs.

    Attributes:
        path: The file.
        start: Where it begins, in characters of the file's text (bytes in a binary file), or of
            the path if it is in the name.
        end: Where it ends.
        line: From 1; 0 in a name.
        column: From 1.
        variant: The variant that the template names there.
        status: What becomes of it.
        others: Variables that would give the same text.

    """

    path: str
    start: int
    end: int
    line: int
    column: int
    variant: CaseVariant
    status: Status
    others: tuple[str, ...] = ()

    @property
    def in_name(self) -> bool:
        """Whether it is in the file's name."""
        return self.line == 0

    @property
    def place(self) -> str:
        """Where it is, as decisions name it."""
        return f"{self.path}:name" if self.in_name else f"{self.path}:{self.line}:{self.column}"
