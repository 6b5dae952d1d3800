"""Names that every system can check out, and that a template can hold."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

# What Windows keeps for itself; git refuses to write it there.
_FORBIDDEN = frozenset('"|:<>?*\\')
_DEVICES = frozenset(
    [
        "con",
        "prn",
        "aux",
        "nul",
        *(f"{name}{digit}" for name in ("com", "lpt") for digit in "123456789"),
    ]
)
# File systems hold 255; the rest is for the suffix and for a longer value in the name.
_LONGEST = 200


def fault(path: str) -> str | None:
    """Return what is wrong with a path, if something is."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return "a name that is not UTF-8: macOS and Windows cannot check it out"
    for part in path.split("/"):
        if reason := _fault_of_part(part):
            return reason
    return None


def _fault_of_part(part: str) -> str | None:
    if any(character < " " or character == "\x7f" for character in part):
        return "a name with a control character: Windows cannot check it out"
    if forbidden := sorted(_FORBIDDEN & set(part)):
        return f"a name with {' '.join(forbidden)} in it: Windows cannot check it out"
    if part.endswith((".", " ")):
        return "a name that ends in a dot or a blank: Windows cuts that off"
    if part.split(".")[0].rstrip(" ").lower() in _DEVICES:
        return "a name that Windows keeps for a device"
    if len(part.encode("utf-8")) > _LONGEST:
        return f"a name of more than {_LONGEST} bytes: no room for a value in it"
    return None


def clashes(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield pairs of files or folders that are the same where case or accents do not count."""
    seen: dict[str, str] = {}
    told = set()
    for path in sorted(paths):
        parts = path.split("/")
        for count in range(1, len(parts) + 1):
            name = "/".join(parts[:count])
            other = seen.setdefault(_folded(name), name)
            if other != name:
                if name not in told:
                    told.add(name)
                    yield name, other
                # All below it clashes for the same reason.
                break


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).lower())


def shown(path: str) -> str:
    """Return a path as it can be printed: odd bytes and characters are escaped."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )
