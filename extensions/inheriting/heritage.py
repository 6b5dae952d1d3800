"""Goes through the sources of a parent, and takes what a project still has of each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from extensions.inheriting.choices import choices, fixed, lost
from extensions.inheriting.inlining import inlined
from extensions.inheriting.links import Manner, keep, link, linked, paths_below
from extensions.inheriting.merging import Merge, merges
from extensions.inheriting.sources import SUFFIX, Parent, Source, parents_of, uses
from extensions.model import File, Tree
from extensions.rendering.render import Rendering

Reverse = Callable[[str, str], str]

CONDITION = re.compile(r"\{%.*?%\}")
# A line that does nothing but set a name.
SETTING = re.compile(r"^\{%-?\s*set\s+(\w+)\s*=.*-%\}\n", re.MULTILINE)


class Heritage:
    """What a project has from its parent.

    Attributes:
        sources: By path in the new template's folder.
        covered: How each inherited file of the project is kept.
        deleted: The files of the parent that the project has not.

    """

    def __init__(self, parent: Parent, project: Tree, reverse: Reverse) -> None:
        self.sources: dict[str, File] = {}
        self.covered: dict[str, Manner] = {}
        self.deleted: list[str] = []
        self._parent = parent
        self._project = project
        self._reverse = reverse
        self._folders = paths_below(project)
        # Choices that an owner's text no longer follows, those that make a difference, and the
        # sources that are in no project with these answers.
        self._missing: set[str] = set()
        self._used: set[str] = set()
        self._left_out: list[Source] = []
        self._collect()

    def fix(self, rendering: Rendering, forced: Sequence[str]) -> dict[str, Any]:
        """Return the answers that are fixed, and leave out what no other answer brings back.

        Raises:
            CaptureError: If one cannot be forced.

        """
        of_parent = rendering.answers.get("fixed") or {}
        answers = rendering.answers
        found = fixed(rendering.asked, answers, self._missing, self._used, forced)
        result = {**of_parent, **found}
        for source in self._left_out:
            named = choices(uses(self._parent, source.path))
            if not named or named - result.keys():
                self._take_left_out(source)
        return result

    def _collect(self) -> None:
        folders = linked(self._parent, self._project)
        for folder in folders:
            self.sources[folder] = link(self._parent, folder)
        for source in self._parent.sources:
            is_linked = any(folder in folders for folder in parents_of(source.path))
            if source.target is None:
                if not is_linked:
                    self._look_at_left_out(source)
                self._used |= choices(uses(self._parent, source.path))
            elif is_linked:
                self._use(source)
                self.covered[source.target] = Manner.KEPT_LINK
            elif source.target not in self._project:
                self.deleted.append(source.target)
            else:
                self._take(source, source.target)

    def _take(self, source: Source, target: str) -> None:
        """Take a file that the project has."""
        file = self._project[target]
        if file.content == self._parent.rendered[target].content:
            self._use(source)
            self._add(target, *keep(source, file.executable, self._project))
            return
        wanted = self._wanted(source)
        merged = self._merged(source, target) if source.is_template else None
        if merged is not None:
            found = uses(self._parent, merged.text) + uses(self._parent, source.path)
            manner = Manner.MERGED_CONFLICT if merged.conflicts else Manner.MERGED
            self._add(target, source.path, File(merged.text.encode(), file.executable), manner)
        elif choices(wanted) and file.text is not None:
            found = uses(self._parent, self._reverse(target, file.text))
        else:
            found = Counter()
        # An owner's own words about the project make no answer wrong.
        if target != "README.md":
            self._missing |= lost(wanted, found)
        self._used |= choices(found)

    def _merged(self, source: Source, target: str) -> Merge | None:
        """Return the source with the owner's changes, if it still makes the owner's file."""
        text, rendered = self._project[target].text, self._parent.rendered[target].text
        if text is None or rendered is None:
            return None
        base, theirs = self._reverse(target, rendered), self._reverse(target, text)
        wanted = uses(self._parent, source.template)
        found = [
            merge
            for variant in dict.fromkeys([source.template, inlined(self._parent, source.template)])
            for merge in merges(variant, base, theirs)
            if merge.text != theirs and self._parent.renders(merge.text, text)
        ]

        def loss(merge: Merge) -> tuple[int, int]:
            return len(lost(wanted, uses(self._parent, merge.text))), merge.conflicts

        best = min(found, key=loss, default=None)
        return best and Merge(self._tidy(best.text, text), best.conflicts)

    def _tidy(self, merged: str, text: str) -> str:
        """Drop the lines that set a name which nothing reads any more."""
        for match in SETTING.finditer(merged):
            shorter = merged.replace(match[0], "", 1)
            if not uses(self._parent, shorter)[match[1]] and self._parent.renders(shorter, text):
                merged = shorter
        return merged

    def _look_at_left_out(self, source: Source) -> None:
        """Note a file that is in no project with these answers, unless the owner has it now."""
        bare = self._parent.target(CONDITION.sub("", source.path).removesuffix(SUFFIX))
        if bare in self._project:
            self._missing |= choices(uses(self._parent, source.path))
        else:
            self._left_out.append(source)

    def _take_left_out(self, source: Source) -> None:
        """Take a file that other answers bring, if its folder is there."""
        outer = parents_of(source.path)
        left_out = [folder for folder in outer if self._parent.target(folder) is None]
        if left_out:
            folder = left_out[0]
            self.sources[folder] = link(self._parent, folder)
        elif not source.folder or source.folder in self._folders:
            path, file, _ = keep(source, source.file.executable, self._project)
            self.sources[path] = file

    def _use(self, source: Source) -> None:
        self._used |= choices(self._wanted(source))

    def _wanted(self, source: Source) -> Counter[str]:
        return uses(self._parent, source.template) + uses(self._parent, source.path)

    def _add(self, target: str, path: str, file: File, manner: Manner) -> None:
        self.sources[path] = file
        self.covered[target] = manner
