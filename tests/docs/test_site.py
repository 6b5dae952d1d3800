"""The site is built without a warning, and nothing of it comes from elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from scripts.docs import REPOSITORY, rewritten
from tests.docs.pages import PAGES, name_of
from tests.project import ROOT

# Pages of GitHub alone.
OTHERS = [ROOT / "SECURITY.md", ROOT / "CODE_OF_CONDUCT.md"]

# What a page loads by itself when it is opened.
LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src"}


class Loaded(HTMLParser):
    """The addresses that a page loads, and the targets and anchors of its links."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.images: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element loads."""
        values = dict(attrs)
        if tag in LOADS and values.get(LOADS[tag]):
            self.loads.append(str(values[LOADS[tag]]))
        if tag == "link" and "stylesheet" in str(values.get("rel")):
            self.loads.append(str(values["href"]))
        if tag == "img":
            self.images.append(values.get("alt"))


def read(page: Path) -> Loaded:
    """Return what a page of the site loads."""
    loaded = Loaded()
    loaded.feed(page.read_text("utf-8"))
    return loaded


def test_nothing_comes_from_elsewhere(site: Path) -> None:
    """No page loads a font, a script or a picture from another server; each picture has words."""
    pages = [read(page) for page in site.rglob("*.html")]

    assert len(pages) > 20
    assert [one for page in pages for one in page.loads if re.match(r"(https?:)?//", one)] == []
    assert all(alt for page in pages for alt in page.images)
    styles = "\n".join(path.read_text("utf-8") for path in site.rglob("*.css"))
    assert "fonts.googleapis" not in styles


@pytest.mark.parametrize(
    ("source", "link", "leads"),
    [
        ("update.md", "../CHANGELOG.md#unreleased", "CHANGELOG.md#unreleased"),
        ("deploy/secrets.md", "../lifecycle.md#stages", "../lifecycle.md#stages"),
        ("CHANGELOG.md", "docs/deploy/secrets.md", "deploy/secrets.md"),
        ("capture.md", "../templates/README.md", f"{REPOSITORY}/blob/main/templates/README.md"),
        ("capture.md", "../nowhere.md", "../nowhere.md"),
    ],
)
def test_links(source: str, link: str, leads: str) -> None:
    """A link that is right on GitHub is right on the site; one to nothing stays to be found."""
    assert rewritten(f"See [it]({link}).", source) == f"See [it]({leads})."


@pytest.mark.parametrize("page", [*PAGES, *OTHERS], ids=name_of)
def test_links_on_github(page: Path) -> None:
    """Each link to a file leads to one of this repository."""
    text = re.sub(r"(?s)^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE)
    for place in re.findall(r"\]\((?!https?:|#)([^)\s#]+)", text):
        assert (page.parent / place).exists(), place
