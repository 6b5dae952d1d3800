"""What a template cannot hold: every reason, with its place and its remedy, in one list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import accumulate
from pathlib import PurePosixPath

from extensions.model import CaptureError, Tree
from extensions.reading import mistakes, portable

ANSWERS = ".copier-answers.yml"
SUFFIX = ".jinja"

# So many places are named for a reason; the rest is counted.
_SHOWN = 10


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
    """End the capture if there is a reason.

    Raises:
        CaptureError: With all of them.

    """
    if found:
        raise CaptureError(listing(found))


def listing(found: Iterable[Refusal]) -> str:
    """Return the reasons as a text; places with the same reason and remedy stand together."""
    places: dict[tuple[str, str], list[str]] = {}
    for refusal in found:
        places.setdefault((refusal.reason, refusal.remedy), []).append(refusal.place)
    lines = ["The project cannot be captured as it is:"]
    for (reason, remedy), there in places.items():
        lines += ["", f"- {reason}:"]
        lines += [f"    {portable.shown(place)}" for place in there[:_SHOWN]]
        if len(there) > _SHOWN:
            lines += [f"    and {len(there) - _SHOWN} more"]
        lines += [f"  {remedy}"]
    return "\n".join(lines)


def is_allowed(path: str, allowed: Iterable[str]) -> bool:
    """Say whether a pattern covers a path or a folder that it is in; a star covers slashes too."""
    return any(
        path == pattern or path.startswith(f"{pattern.rstrip('/')}/") or fnmatchcase(path, pattern)
        for pattern in allowed
    )


def refusals(files: Tree, submodules: Iterable[str], allowed: Sequence[str]) -> list[Refusal]:
    """Return what is in the way in the files that git tracks.

    Args:
        files: All of them, links too.
        submodules: The paths of submodules.
        allowed: Patterns of paths that are taken though they look like mistakes.

    """
    return [
        *_submodules(submodules),
        *_links(files),
        *_pointers(files),
        *_nested_answers(files),
        *_names(files),
        *_siblings(files),
        *_mistakes(files, allowed),
    ]


def _submodules(paths: Iterable[str]) -> Iterator[Refusal]:
    for path in paths:
        yield Refusal(
            path,
            "a submodule: a template cannot hold another repository",
            "Commit its files in the project, or install it as a package.",
        )


def _links(files: Tree) -> Iterator[Refusal]:
    for path, file in files.items():
        if file.link is None:
            continue
        if _leaves(path, file.link):
            yield Refusal(
                f"{path} -> {file.link}",
                "a symbolic link out of the project",
                "Replace it by what it points to, or mount that when the container starts.",
            )
        else:
            yield Refusal(
                f"{path} -> {file.link}",
                "a symbolic link: Copier follows links here, so a project would get a copy",
                "Replace it by what it points to.",
            )


def _leaves(path: str, target: str) -> bool:
    """Say whether the target of a link is outside the project."""
    depth = len(PurePosixPath(path).parent.parts)
    steps = (-1 if part == ".." else 1 for part in PurePosixPath(target).parts)
    is_absolute = target.startswith(("/", "\\")) or target[1:2] == ":"
    return is_absolute or min(accumulate(steps, initial=depth)) < 0


def _pointers(files: Tree) -> Iterator[Refusal]:
    for path, file in files.items():
        if file.content.startswith(b"version https://git-lfs.github.com/spec/"):
            yield Refusal(
                path,
                "a pointer of Git LFS: the file itself is not in the repository",
                "Take it out of LFS (git lfs migrate export), or keep it in a storage and name it"
                " as a channel in mldock.json.",
            )


def _nested_answers(files: Tree) -> Iterator[Refusal]:
    for path in files:
        if path != ANSWERS and ANSWERS in path.split("/"):
            yield Refusal(
                path,
                "answers below the root: Copier would write them over those at the root",
                "Capture that project by itself, or remove the file.",
            )


def _names(files: Tree) -> Iterator[Refusal]:
    for path in files:
        if reason := portable.fault(path):
            yield Refusal(path, reason, "Rename it: git mv")
    for path, other in portable.clashes(files):
        yield Refusal(
            f"{path} and {other}",
            "names that are one and the same on macOS or Windows",
            "Rename one of them: git mv",
        )


def _siblings(files: Tree) -> Iterator[Refusal]:
    """Yield files that Copier would drop, as it takes another for their template."""
    folders = {str(folder) for path in files for folder in PurePosixPath(path).parents}
    for path in files:
        if (other := path + SUFFIX) in files or other in folders:
            yield Refusal(
                f"{path} and {other}",
                f"names that differ only in {SUFFIX}: Copier takes one for the other's template",
                "Rename one of them: git mv",
            )


def _mistakes(files: Tree, allowed: Sequence[str]) -> Iterator[Refusal]:
    for path, file in files.items():
        if is_allowed(path, allowed):
            continue
        if kind := mistakes.kind(path):
            yield Refusal(
                path,
                f"{kind}, tracked by mistake as it seems",
                "Remove it from git (git rm --cached) and name it in .gitignore; or, if it"
                " belongs to the template, allow it: --allow PATH",
            )
        elif len(file.content) > mistakes.LARGEST:
            yield Refusal(
                path,
                f"larger than {mistakes.LARGEST // 1_000_000} MB",
                "Keep it in a storage and name it as a channel in mldock.json; or, if it belongs"
                " to the template, allow it: --allow PATH",
            )
