"""A hook of mkdocs: one link works on GitHub, where the files are, and on the site.

The site has the files of the repository's root that are read like pages. A link to any other file
outside docs/ leads to the repository.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).absolute().parents[1]
REPOSITORY = "https://github.com/org/mldock-templates"

# Files of the root that are pages of the site too.
PAGES = ("CHANGELOG.md", "CONTRIBUTING.md")

LINK = re.compile(r"(?<=\]\()(?![a-z]+:|[#/])([^)\s#]+)")


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages of the root."""
    for name in PAGES:
        files.append(File.generated(config, name, abs_src_path=str(ROOT / name)))
    return files


def on_page_markdown(markdown: str, *, page: Page, **_: object) -> str:
    """Let the links of a page lead to where their files are on the site."""
    return rewritten(markdown, page.file.src_uri)


def rewritten(markdown: str, source: str) -> str:
    """Return the text of a page, with links as they are on the site."""
    folder = posixpath.dirname(source if source in PAGES else f"docs/{source}")

    def lead(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, link[1]))
        if target in PAGES or target.startswith("docs/"):
            place = target.removeprefix("docs/")
            return posixpath.relpath(place, posixpath.dirname(source) or ".")
        if not (ROOT / target).exists():
            return link[1]
        return f"{REPOSITORY}/{'tree' if (ROOT / target).is_dir() else 'blob'}/main/{target}"

    return LINK.sub(lead, markdown)
