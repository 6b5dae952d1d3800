"""docs/reference.md has every public name of the package, and the site describes each."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

from tests.docs.pages import DOCS
from tests.project import ROOT

SOURCE = ROOT / "src"
PACKAGES = [
    ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
    for path in sorted(SOURCE.rglob("*.py"))
    if "\n__all__ = [" in path.read_text("utf-8")
]
PAGE = (DOCS / "reference.md").read_text("utf-8")


@pytest.mark.parametrize("package", PACKAGES)
def test_names(package: str) -> None:
    """The page has the names that a package exports, and no other."""
    path = SOURCE / package.replace(".", "/")
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    exported = re.search(r"(?s)\n__all__ = (\[.*?\])", path.read_text("utf-8"))
    named = re.findall(rf"^::: {re.escape(package)}\.(\w+)$", PAGE, re.MULTILINE)

    assert exported
    assert sorted(named) == sorted(ast.literal_eval(exported[1]))


@pytest.mark.parametrize(
    "package", ["mldock", "mldock.evaluation", "mldock.serving", "mldock.training"]
)
def test_names_can_be_imported(package: str) -> None:
    """Also those that are imported only when they are asked for."""
    module = importlib.import_module(package)

    assert all(getattr(module, name) is not None for name in module.__all__)


def test_site_describes_each(site: Path) -> None:
    """Each name is a heading of the built page, with a description below it."""
    html = (site / "reference" / "index.html").read_text("utf-8")
    for name in re.findall(r"^::: (\S+)$", PAGE, re.MULTILINE):
        _, found, rest = html.partition(f'id="{name}"')
        assert found, name
        below = rest.partition("</h3>")[2].partition("<h")[0]
        assert "<p>" in below, f"{name} has no docstring"
