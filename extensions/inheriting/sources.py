"""The sources of a template: where each lies, and which file of a project comes from it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, meta, nodes
from jinja2.sandbox import SandboxedEnvironment

from extensions.model import CaptureError, File, Tree
from extensions.rendering.render import ANSWERS, Rendering

SUFFIX = ".jinja"


@dataclass(frozen=True)
class Source:
    """A file in the folder of a template.

    Attributes:
        path: Its path in that folder; the name of a linked folder counts, not the link's target.
        real: Its path from the root of the repository, links followed.
        folder: The folder of a project that it goes to; None if there is none with these answers.
        target: The file of a project that it becomes; None if there is none with these answers.
        file: Its content.

    """

    path: str
    real: str
    folder: str | None
    target: str | None
    file: File

    @property
    def is_template(self) -> bool:
        """Whether it goes through Jinja."""
        return self.path.endswith(SUFFIX)

    @property
    def template(self) -> str:
        """Its text, if it goes through Jinja."""
        return (self.file.text or "") if self.is_template else ""


class Parent:
    """A template, and the project that it makes with certain answers.

    Attributes:
        rendered: That project.
        environment: Jinja, as Copier has it.
        sources: The sources of the template, without that of the answers file.
        folders: By the path of each folder of the template, the sources below it.

    """

    def __init__(self, repository: Path, name: str, rendering: Rendering) -> None:
        self.root = repository.resolve()
        self.path = self.root / "templates" / name
        self.rendered: Tree = rendering.files
        self.environment = environment(self.root)
        self._context = {**rendering.answers, "_copier_conf": {"answers_file": ANSWERS}}
        self._names: dict[str, str] = {}
        self.sources = list(self._sources())
        self.folders: dict[str, list[Source]] = {}
        for source in self.sources:
            for folder in parents_of(source.path):
                self.folders.setdefault(folder, []).append(source)

    def render(self, text: str) -> str:
        """Render a text with the answers.

        Raises:
            CaptureError: If it cannot be rendered.

        """
        try:
            return self.environment.from_string(text).render(self._context)
        except (TemplateError, TypeError, ValueError) as error:
            raise CaptureError(f"Jinja cannot render {text[:100]!r}: {error}") from error

    def renders(self, text: str, wanted: str) -> bool:
        """Say whether a source gives a text with these answers."""
        try:
            return self.render(text) == wanted
        except CaptureError:
            return False

    def real(self, folder: str) -> str:
        """Return where a folder of the template lies, from the root of the repository."""
        return (self.path / folder).resolve().relative_to(self.root).as_posix()

    def target(self, path: str) -> str | None:
        """Return what the path of a source without its suffix becomes in a project."""
        parts = [self._part(part) for part in path.split("/")] if path else [""]
        return None if path and "" in parts else "/".join(parts)

    def text(self, name: str) -> str:
        """Return the text of a file that a source includes; without one, nothing."""
        path = self.root / name
        return (File(path.read_bytes()).text or "") if path.is_file() else ""

    def _part(self, part: str) -> str:
        if part not in self._names:
            self._names[part] = self.render(part) if "{" in part else part
        return self._names[part]

    def _sources(self) -> Iterator[Source]:
        for folder, folders, files in os.walk(self.path, followlinks=True):
            folders.sort()
            for name in sorted(files):
                # Copier takes `a` for the result of `a.jinja` beside it.
                if name + SUFFIX not in files:
                    path = Path(folder, name)
                    yield from self._source(path, path.relative_to(self.path).as_posix())

    def _source(self, path: Path, name: str) -> Iterator[Source]:
        target = self.target(name.removesuffix(SUFFIX))
        if target != ANSWERS and (target is None or target in self.rendered):
            real = path.resolve().relative_to(self.root).as_posix()
            file = File(path.read_bytes(), bool(path.stat().st_mode & 0o100))
            folder = self.target(name.rpartition("/")[0])
            yield Source(name, real, folder, target, file)


def environment(root: Path) -> Environment:
    """Return Jinja as Copier has it for copier.yml."""
    return SandboxedEnvironment(
        loader=FileSystemLoader(root),
        extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )


def parents_of(path: str) -> Iterator[str]:
    """Yield the folders that a path lies in, the outermost first."""
    parts = path.split("/")
    for depth in range(1, len(parts)):
        yield "/".join(parts[:depth])


def uses(parent: Parent, text: str, seen: tuple[str, ...] = ()) -> Counter[str]:
    """Count where a source names each variable, in what it includes too."""
    try:
        tree = parent.environment.parse(text)
    except TemplateError:
        return Counter()
    found = Counter(node.name for node in tree.find_all(nodes.Name))
    for name in meta.find_referenced_templates(tree):
        if name is not None and name not in seen:
            found += uses(parent, parent.text(name), (*seen, name))
    return found
