"""A person's visit to the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Route

# Chromium writes every failed request to the console, those that a test is about too.
EXPECTED = re.compile(r"Failed to load resource: .* status of (4\d\d|50[034])")
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}


class Visit:
    """Opens pages, and notes what no page may do.

    Attributes:
        complaints: Errors and warnings in the console.
        strangers: Requests to anything but the server.

    """

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.contexts: list[BrowserContext] = []
        self.complaints: list[str] = []
        self.strangers: list[str] = []

    def open(
        self,
        address: str,
        size: dict[str, int] = DESKTOP,
        route: Callable[[Route], None] = Route.continue_,
        **options: Any,
    ) -> Page:
        """Open the page at an address, all of it on a route, and wait until it is ready."""
        context = self.browser.new_context(viewport=size, **options)  # type: ignore[arg-type]
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", self.listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.watch(request, address))
        page.route("**", route)
        page.goto(address)
        page.get_by_text("Ready", exact=True).wait_for()
        return page

    def listen(self, message: ConsoleMessage) -> None:
        """Note a complaint of the browser."""
        if message.type in ("error", "warning") and not EXPECTED.match(message.text):
            self.complaints.append(message.text)

    def watch(self, request: Request, address: str) -> None:
        """Note a request that leaves the server."""
        if not request.url.startswith(address):
            self.strangers.append(request.url)

    def close(self) -> None:
        """Close all pages."""
        for context in self.contexts:
            context.close()


def predict(page: Page) -> str:
    """Press Predict, and return what the answer says."""
    page.get_by_role("button", name="Predict").click()
    page.locator("#answer[aria-busy=false]").wait_for()
    return page.locator("#answer").inner_text()


def sent(page: Page) -> Any:
    """Press Predict, and return the JSON that is sent."""
    with page.expect_request("**/invocations") as request:
        predict(page)
    return request.value.post_data_json
