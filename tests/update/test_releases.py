"""The versions that the matrix updates from: never none, and the same Copier everywhere."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.generate.repository import Repository
from tests.project import ROOT, TEMPLATES
from tests.update.releases import INVENTED, PRESENT, Release, invented, releases, spread


@given(st.lists(st.text(min_size=1), unique=True), st.integers(2, 9))
def test_spread(names: list[str], number: int) -> None:
    """The first and the last are always among them, in their order, and no more than asked for."""
    chosen = spread(names, number)

    assert len(chosen) == min(len(names), number)
    assert chosen == [name for name in names if name in chosen]
    assert (chosen[:1], chosen[-1:]) == (names[:1], names[-1:])


def test_tags_are_the_releases(tmp_path: Path, snapshot: Repository) -> None:
    """As soon as there is a release no other commit counts; the present is none to update from."""
    clone = snapshot.clone(tmp_path / "clone")
    for tag in ("v1.10.0", "v1.9.0", PRESENT, "other"):
        clone.git("tag", tag)

    templates = tuple(TEMPLATES)
    assert releases(clone) == [Release("v1.9.0", templates), Release("v1.10.0", templates)]


def test_shallow_clone(tmp_path: Path) -> None:
    """A clone without history has no version, so one is made up that differs from the present."""
    Repository(ROOT).git("clone", "-q", "--depth", "1", f"file://{ROOT}", str(tmp_path / "clone"))
    assert releases(Repository(tmp_path / "clone")) == []

    repository = invented(tmp_path / "invented")

    assert releases(repository) == [INVENTED]
    changed = repository.git("diff", "--name-only", INVENTED.name, PRESENT, "--", "templates")
    assert len(changed.split()) == 3


def test_copier_has_one_version() -> None:
    """The doctor looks with the Copier that these tests update with."""
    pins = {
        name: re.findall(r'"copier==([^"]+)"', (ROOT / name).read_text("utf-8"))
        for name in ("pyproject.toml", "templates/_shared/project/noxfile.py")
    }

    assert len({version for versions in pins.values() for version in versions}) == 1, pins
    assert all(pins.values()), pins
