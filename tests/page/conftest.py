"""A server for each model in `models`, and a browser to look at its page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.mldock.serving import serve
from tests.mldock.workspace import Run, Workspace
from tests.page.visit import Visit

MODELS = Path(__file__).with_name("models")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

# A busy machine is slow; the page asks for the readiness every five seconds.
expect.set_options(timeout=20_000)


def find_browser() -> str | None:
    """Return the path of a Chromium."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests that need a browser where there is none; in CI they run and fail."""
    if not os.environ.get("CI") and not find_browser():
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason="no Chromium is installed"))


def start(path: Path, model: str) -> Iterator[Run]:
    """Serve a model until the tests are done."""
    workspace = Workspace(path)
    workspace.write("src/prediction.py", (MODELS / f"{model}.py").read_text(encoding="utf-8"))
    (workspace.base_dir / "model").mkdir()
    try:
        run = serve(workspace)
        run.wait_for("Listening at: ")
        yield run
    finally:
        workspace.end()


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Return a server whose rows have all kinds of fields."""
    yield from start(tmp_path_factory.mktemp("house"), "house")


@pytest.fixture(scope="package")
def tumor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Return a server whose rows have thirty numbers."""
    yield from start(tmp_path_factory.mktemp("tumor"), "tumor")


@pytest.fixture(scope="package")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Return a server that streams its answers."""
    yield from start(tmp_path_factory.mktemp("story"), "story")


@pytest.fixture(scope="package")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Return a server whose rows have pictures."""
    yield from start(tmp_path_factory.mktemp("picture"), "picture")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Return a headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            # Within a container, Chromium has no rights for a sandbox of its own.
            executable_path=find_browser(),
            args=["--no-sandbox"],
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Return a way to open pages, which are well-behaved to the end of the test."""
    visit = Visit(browser)
    yield visit
    visit.close()
    assert visit.complaints == []
    assert visit.strangers == []


@pytest.fixture
def page(visit: Visit, house: Run) -> Page:
    """Return the page of a model with all kinds of fields."""
    return visit.open(house.address)
