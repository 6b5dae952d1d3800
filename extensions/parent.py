"""The parent of a project: the template it was made from, and what its sources become."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, meta, nodes
from jinja2.sandbox import SandboxedEnvironment

from extensions.model import File
from extensions.rendering import ANSWERS, Rendering

SUFFIX = ".jinja"

# The questions of copier.yml and templates/_questions whose answers a template can have fixed.
CHOICES = (
    "python_version",
    "base_image",
    "deploy",
    "storage",
    "ci",
    "accelerator",
    "compile_model",
)


@dataclass(frozen=True)
class Source:
    """A file in the folder of a template.

    Attributes:
        path: Its path in that folder.
        real: Its path from the root of the repository.
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


class Parent:
    """A template, and the project that it makes with certain answers.

    Attributes:
        rendering: That project.
        sources: The sources of the template, without that of the answers file.

    """

    def __init__(self, repository: Path, name: str, rendering: Rendering) -> None:
        self.name = name
        self.rendering = rendering
        self.root = repository.resolve()
        self.path = self.root / "templates" / name
        self.environment = environment(self.root)
        self._context = {**rendering.answers, "_copier_conf": {"answers_file": ANSWERS}}
        self._names: dict[str, str] = {}
        self.sources = list(self._sources())

    def target(self, path: str) -> str | None:
        """Return what the path of a source without its suffix becomes in a project."""
        parts = [self._part(part) for part in path.split("/")] if path else [""]
        return None if path and "" in parts else "/".join(parts)

    def choices(self, source: Source) -> Counter[str]:
        """Count where a source names each choice: in its path, its text and what it includes."""
        found = self._uses(source.path)
        if source.is_template:
            found += self._uses(source.file.text or "")
        return Counter({name: found[name] for name in CHOICES if found[name]})

    def choices_of_path(self, source: Source) -> set[str]:
        """Return the choices on which it depends whether a project has a file."""
        return {name for name in CHOICES if self._uses(source.path)[name]}

    def _uses(self, text: str, seen: tuple[str, ...] = ()) -> Counter[str]:
        try:
            tree = self.environment.parse(text)
        except TemplateError:
            return Counter()
        found = Counter(node.name for node in tree.find_all(nodes.Name))
        for name in meta.find_referenced_templates(tree):
            path = self.root / (name or "")
            if name and name not in seen and path.is_file():
                found += self._uses(File(path.read_bytes()).text or "", (*seen, name))
        return found

    def _part(self, part: str) -> str:
        if part not in self._names:
            is_plain = "{" not in part
            template = self.environment.from_string(part)
            self._names[part] = part if is_plain else template.render(self._context)
        return self._names[part]

    def _sources(self) -> Iterator[Source]:
        for folder, folders, files in os.walk(self.path):
            folders.sort()
            for name in sorted(files):
                # Copier takes `a` for the result of `a.jinja` beside it.
                if name + SUFFIX not in files:
                    path = Path(folder, name)
                    yield from self._source(path, path.relative_to(self.path).as_posix())

    def _source(self, path: Path, name: str) -> Iterator[Source]:
        target = self.target(name.removesuffix(SUFFIX))
        if target != ANSWERS and (target is None or target in self.rendering.files):
            real = path.relative_to(self.root).as_posix()
            file = File(path.read_bytes(), bool(path.stat().st_mode & 0o100))
            yield Source(name, real, self.target(name.rpartition("/")[0]), target, file)


def environment(root: Path) -> Environment:
    """Return Jinja as Copier has it for copier.yml."""
    return SandboxedEnvironment(
        loader=FileSystemLoader(root),
        extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )


def parents_of(path: str) -> Iterator[str]:
    """Yield the folders that a path is in, the outermost first."""
    parts = path.split("/")
    for depth in range(1, len(parts)):
        yield "/".join(parts[:depth])
