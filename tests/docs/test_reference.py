"""docs/reference.md has every public name of the package, and the site describes each."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from tests.docs.pages import DOCS

PACKAGES = ["mldock", "mldock.serving", "mldock.storage", "mldock.testing", "mldock.training"]
PAGE = (DOCS / "reference.md").read_text("utf-8")


@pytest.mark.parametrize("package", PACKAGES)
def test_names(package: str) -> None:
    """The page has the names that a package exports, and no other; each can be imported."""
    module = importlib.import_module(package)
    named = re.findall(rf"^::: {re.escape(package)}\.(\w+)$", PAGE, re.MULTILINE)

    assert sorted(named) == sorted(module.__all__)
    assert all(getattr(module, name) is not None for name in named)


def test_site_describes_each(site: Path) -> None:
    """Each name is a heading of the built page, with a description below it."""
    html = (site / "reference" / "index.html").read_text("utf-8")
    for name in re.findall(r"^::: (\S+)$", PAGE, re.MULTILINE):
        _, found, rest = html.partition(f'id="{name}"')
        assert found, name
        below = rest.partition("</h3>")[2].partition("<h")[0]
        assert "<p>" in below, f"{name} has no docstring"
