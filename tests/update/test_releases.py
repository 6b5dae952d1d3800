"""The versions that the matrix updates from, and the same Copier everywhere."""

from __future__ import annotations

import re
from pathlib import Path

from tests.generate.repository import Repository
from tests.project import ROOT, TEMPLATES
from tests.update.releases import EARLIER, INVENTED, PRESENT, Release, invented, releases


def test_tags_are_the_releases(tmp_path: Path, snapshot: Repository) -> None:
    """They are in their order; the present state is not one to update from."""
    clone = snapshot.clone(tmp_path / "clone")
    for tag in ("v1.10.0", "v1.9.0", PRESENT, "other"):
        clone.git("tag", tag)

    templates = tuple(TEMPLATES)
    assert releases(clone) == [Release("v1.9.0", templates), Release("v1.10.0", templates)]


def test_without_a_release(tmp_path: Path) -> None:
    """Where there is no release, one is made up that differs from the present state."""
    repository = invented(tmp_path / "invented")

    assert releases(repository) == [INVENTED]
    changed = repository.git("diff", "--name-only", INVENTED.name, PRESENT)
    assert set(changed.split()) == set(EARLIER)


def test_copier_has_one_version() -> None:
    """The doctor looks with the Copier that these tests update with."""
    pins = re.findall(r'"copier==([^"]+)"', (ROOT / "pyproject.toml").read_text("utf-8"))

    assert len(pins) == 2
    assert len(set(pins)) == 1, pins
