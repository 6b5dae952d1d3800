"""What a template cannot hold: every reason, with its place and its remedy, in one list."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase, translate
from functools import lru_cache
from itertools import accumulate
from pathlib import PurePosixPath

from extensions.model import CaptureError, File, Tree

ANSWERS = ".copier-answers.yml"
SUFFIX = ".jinja"

# So many places are named for a reason; the rest is counted.
_SHOWN = 10

# In bytes. More than that is data or a model, not a source.
LARGEST = 5_000_000

# What is tracked by mistake more often than not.
_MISTAKES = {
    "the settings of one machine": ".env .env.* .envrc",
    "a private key or a certificate": (
        "*.jks *.key *.p12 *.pem *.pfx *.ppk id_dsa id_ecdsa id_ed25519 id_rsa"
    ),
    "a cache": (
        "*.py[co] .cache .coverage .ds_store .hypothesis .ipynb_checkpoints .mypy_cache .nox"
        " .pytest_cache .ruff_cache .tox __pycache__ node_modules thumbs.db"
    ),
    "a virtual environment": ".venv pyvenv.cfg site-packages venv",
    "what mldock keeps for one machine": ".mldock",
    "a trained model": (
        "*.cbm *.ckpt *.h5 *.joblib *.keras *.onnx *.pickle *.pkl *.pt *.pth *.safetensors"
        " *.tflite pytorch_model.bin"
    ),
}
# They show how to write the real one.
_EXAMPLES = {".env.dist", ".env.example", ".env.sample", ".env.template"}

_PATTERNS = {
    kind: re.compile("|".join(map(translate, patterns.split())))
    for kind, patterns in _MISTAKES.items()
}

# What Windows keeps for itself; git refuses to write it there.
_FORBIDDEN = frozenset('"|:<>?*\\')
_DEVICE = re.compile(r"(con|prn|aux|nul|com[1-9]|lpt[1-9]) *(\..*)?", re.IGNORECASE)
# File systems hold 255; the rest is for the suffix and for a longer value in the name.
_LONGEST = 200


@dataclass(frozen=True)
class Refusal:
    """Something in the way of a capture.

    Attributes:
        place: Where it is: a path, or a path and a line.
        reason: What is wrong there.
        remedy: What to do.

    """

    place: str
    reason: str
    remedy: str


def refuse(found: Sequence[Refusal]) -> None:
    """End the capture if there is a reason."""
    if found:
        raise CaptureError(listing(found))


def listing(found: Iterable[Refusal]) -> str:
    """Return the reasons as a text; places with the same reason and remedy stand together."""
    places: dict[tuple[str, str], list[str]] = {}
    for refusal in found:
        places.setdefault((refusal.reason, refusal.remedy), []).append(refusal.place)
    lines = ["The project cannot be captured as it is:"]
    for (reason, remedy), there in places.items():
        lines += ["", f"- {reason}:", *(f"    {printable(place)}" for place in there[:_SHOWN])]
        if len(there) > _SHOWN:
            lines += [f"    and {len(there) - _SHOWN} more"]
        lines += [f"  {remedy}"]
    return "\n".join(lines)


def printable(path: str) -> str:
    """Return a path as it can be printed: odd bytes and characters are escaped."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def is_allowed(path: str, allowed: Iterable[str]) -> bool:
    """Return whether a pattern covers a path or a folder of it; a star covers slashes too."""
    return any(
        path == pattern or path.startswith(f"{pattern.rstrip('/')}/") or fnmatchcase(path, pattern)
        for pattern in allowed
    )


def refusals(files: Tree, submodules: Iterable[str], allowed: Sequence[str]) -> list[Refusal]:
    """Return what is in the way in the files that git tracks."""
    what = "a submodule: a template cannot hold another repository"
    remedy = "Commit its files in the project, or install it as a package."
    found = [Refusal(path, what, remedy) for path in submodules]
    for path, file in files.items():
        found += _of_file(path, file, is_allowed(path, allowed))
    folders = {str(folder) for path in files for folder in PurePosixPath(path).parents}
    found += [
        Refusal(
            f"{path} and {path}{SUFFIX}",
            f"names that differ only in {SUFFIX}: Copier takes one for the other's template",
            "Rename one of them: git mv",
        )
        for path in files
        if path + SUFFIX in files or path + SUFFIX in folders
    ]
    found += [
        Refusal(
            f"{path} and {other}",
            "names that are one and the same on macOS or Windows",
            "Rename one of them: git mv",
        )
        for path, other in clashes(files)
    ]
    return found


def _of_file(path: str, file: File, allowed: bool) -> Iterator[Refusal]:
    if file.link is not None:
        is_outside = _leaves(path, file.link)
        yield Refusal(
            f"{path} -> {file.link}",
            "a symbolic link out of the project"
            if is_outside
            else "a symbolic link: Copier follows links here, so a project would get a copy",
            "Replace it by what it points to"
            + (", or mount that when the container starts." if is_outside else "."),
        )
    if file.content.startswith(b"version https://git-lfs.github.com/spec/"):
        yield Refusal(
            path,
            "a pointer of Git LFS: the file itself is not in the repository",
            "Take it out of LFS (git lfs migrate export), or keep it in a storage and name it"
            " as a channel in mldock.json.",
        )
    if path != ANSWERS and ANSWERS in path.split("/"):
        yield Refusal(
            path,
            "answers below the root: Copier would write them over those at the root",
            "Capture that project by itself, or remove the file.",
        )
    if reason := fault(path):
        yield Refusal(path, reason, "Rename it: git mv")
    if allowed:
        return
    if kind := mistake(path):
        yield Refusal(
            path,
            f"{kind}, tracked by mistake as it seems",
            "Remove it from git (git rm --cached) and name it in .gitignore; or, if it"
            " belongs to the template, allow it: --allow PATH",
        )
    elif len(file.content) > LARGEST:
        yield Refusal(
            path,
            f"larger than {LARGEST // 1_000_000} MB",
            "Keep it in a storage and name it as a channel in mldock.json; or, if it belongs"
            " to the template, allow it: --allow PATH",
        )


def _leaves(path: str, target: str) -> bool:
    """Return whether the target of a link is outside the project."""
    depth = len(PurePosixPath(path).parent.parts)
    steps = (-1 if part == ".." else 1 for part in PurePosixPath(target).parts)
    is_absolute = target.startswith(("/", "\\")) or target[1:2] == ":"
    return is_absolute or min(accumulate(steps, initial=depth)) < 0


def mistake(path: str) -> str | None:
    """Return what a file looks like, from its own name and those of its folders."""
    return next(filter(None, map(_mistake_of_part, path.lower().split("/"))), None)


# Most folders hold many files.
@lru_cache(maxsize=4096)
def _mistake_of_part(part: str) -> str | None:
    if part in _EXAMPLES:
        return None
    return next((kind for kind, pattern in _PATTERNS.items() if pattern.match(part)), None)


def fault(path: str) -> str | None:
    """Return why not every system can check a path out, or a template hold it."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return "a name that is not UTF-8: macOS and Windows cannot check it out"
    return next(filter(None, map(_fault_of_part, path.split("/"))), None)


def _fault_of_part(part: str) -> str | None:
    if any(character < " " or character == "\x7f" for character in part):
        return "a name with a control character: Windows cannot check it out"
    if forbidden := sorted(_FORBIDDEN & set(part)):
        return f"a name with {' '.join(forbidden)} in it: Windows cannot check it out"
    if part.endswith((".", " ")):
        return "a name that ends in a dot or a blank: Windows cuts that off"
    if _DEVICE.fullmatch(part):
        return "a name that Windows keeps for a device"
    if len(part.encode("utf-8")) > _LONGEST:
        return f"a name of more than {_LONGEST} bytes: no room for a value in it"
    return None


def clashes(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield pairs of files or folders that are the same where case or accents do not count."""
    seen: dict[str, str] = {}
    reported = set()
    for path in sorted(paths):
        parts = path.split("/")
        for count in range(1, len(parts) + 1):
            name = "/".join(parts[:count])
            folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).lower())
            other = seen.setdefault(folded, name)
            if other != name:
                if name not in reported:
                    reported.add(name)
                    yield name, other
                # All below it clashes for the same reason.
                break
