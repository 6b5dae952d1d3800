"""The site as a reader sees it: in Chromium, on a desktop and on a phone, light and dark."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, sync_playwright

from tests.page.conftest import find_browser

pytestmark = pytest.mark.browser

SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
LOOKED_AT = ["", "quickstart/sklearn/", "configuration/", "architecture/"]

# What Material itself does: colours of code that are 4.4:1, regions that scroll or have no name.
OF_THE_THEME = frozenset(
    {"aria-dialog-name", "color-contrast", "landmark-unique", "scrollable-region-focusable"}
)


class Quiet(SimpleHTTPRequestHandler):
    """A web server that does not write a line for each request."""

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Return the address of the site."""
    handler = functools.partial(Quiet, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return a headless Chromium."""
    path = find_browser()
    if not path and not os.environ.get("CI"):
        pytest.skip("no Chromium is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_pages(browser: Browser, address: str, size: str, scheme: str) -> None:
    """No page is wider than the screen, asks another server, complains, or keeps anybody out."""
    context = browser.new_context(
        viewport=SIZES[size],  # type: ignore[arg-type]
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page = context.new_page()
    strangers: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: strangers.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for path in LOOKED_AT:
        page.goto(address + path)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= SIZES[size]["width"], path
        found = Axe().run(page).response["violations"]
        faults = {f"{path}: {fault['id']}: {fault['help']}" for fault in found}
        assert {fault for fault in faults if fault.split(": ")[1] not in OF_THE_THEME} == set()
    context.close()

    assert [url for url in strangers if not url.startswith(address)] == []
    assert complaints == []


def test_copy(browser: Browser, address: str) -> None:
    """The copy button takes the commands alone, ready to be pasted."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{address}quickstart/generic/")
    copied = copy(page, "predict -- payload.json")
    context.close()

    assert [line for line in copied.splitlines() if line][:1] == [
        "pipx run nox -s predict -- payload.json"
    ]
    assert "setosa" not in copied
    assert "$" not in copied


def copy(page: Page, text: str) -> str:
    """Press the copy button of the block with a text, and return what it copies."""
    block = page.locator(".highlight", has_text=text).first
    block.hover()
    block.locator(".md-clipboard, .md-code__button").first.click()
    copied: str = page.evaluate("navigator.clipboard.readText()")
    return copied
