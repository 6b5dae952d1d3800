"""Whoever looks at the page, on whatever, can use it."""

from __future__ import annotations

import re
import subprocess

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, Route, expect

from tests.mldock.workspace import Run
from tests.page.visit import DESKTOP, PHONE, Visit, predict

pytestmark = pytest.mark.browser

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)


def show_everything(page: Page) -> None:
    """Open all that a page can show: an answer, and all details."""
    predict(page)
    for summary in page.locator("summary").all():
        summary.click()


@pytest.mark.parametrize("model", ["house", "tumor", "story", "picture"])
def test_accessibility(visit: Visit, request: pytest.FixtureRequest, model: str) -> None:
    """No rule of axe is broken: contrast, labels, roles, order of headings.

    Nothing is wider than a phone or a page at 400 %, and Predict is at hand.
    """
    server: Run = request.getfixturevalue(model)
    page = visit.open(server.address, PHONE, color_scheme="dark")
    expect(page.get_by_role("button", name="Predict")).to_be_in_viewport()
    show_everything(page)

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()
    for width in (PHONE["width"], 320):
        page.set_viewport_size({"width": width, "height": PHONE["height"]})
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_accessibility_of_failures(visit: Visit, house: Run) -> None:
    """A failure breaks no rule either, nor do the colours of a light page."""
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    page = visit.open(house.address, color_scheme="light")
    light = sum(map(int, re.findall(r"\d+", page.evaluate(ground))))
    page.emulate_media(color_scheme="dark")
    dark = sum(map(int, re.findall(r"\d+", page.evaluate(ground))))
    assert dark < 150 < 600 < light
    page.emulate_media(color_scheme="light")
    page.get_by_label("area").fill("-1")
    predict(page)
    page.get_by_label("File", exact=True).check()
    page.get_by_role("button", name="Predict").click()

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()


def test_answer_is_in_sight(visit: Visit, tumor: Run) -> None:
    """With thirty fields too, the answer is seen where Predict was pressed, or the fault."""
    for size in (DESKTOP, PHONE):
        page = visit.open(tumor.address, size)
        predict(page)
        expect(page.get_by_role("meter")).to_be_in_viewport()
        page.get_by_label("mean_radius").fill("-1")
        predict(page)
        expect(page.locator("#field-mean_radius-fault")).to_be_in_viewport()


def test_keyboard(visit: Visit, house: Run) -> None:
    """All can be done with the keyboard, in the order in which it is read."""
    page = visit.open(house.address)
    names = []
    for _ in range(16):
        page.keyboard.press("Tab")
        names.append(
            page.evaluate(
                "document.activeElement.labels?.[0]?.textContent"
                " || document.activeElement.textContent"
            )
        )
    expected = ["Form", "area", "rooms", "kind", "garden", "built", "built", "built", "built"]
    expected += ["district", "heated", "place", "asked", "Predict", "Example", "curl"]
    assert names == expected

    page.keyboard.press("ArrowRight")
    expect(page.locator("#program")).to_contain_text("import requests")
    page.get_by_label("area").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    expect(page.locator("#answer-body")).to_contain_text("7000")
    page.get_by_label("Form", exact=True).focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Body")).to_be_visible()
    outline = page.locator(".switch label:has(:focus-visible)").first
    expect(outline).to_have_css("outline-style", "solid")


def test_program_in_curl(visit: Visit, house: Run) -> None:
    """The command sends what the form holds, quotes and all."""
    page = visit.open(house.address)
    page.get_by_label("area").fill("3.25")
    program = page.locator("#program").inner_text()

    answer = subprocess.run(
        ["bash", "-c", f"curl -s {program[5:]}"], capture_output=True, text=True
    )

    assert '"price":3250' in answer.stdout, answer


def test_copy(visit: Visit, house: Run) -> None:
    """Copy copies."""
    page = visit.open(house.address, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").press("Enter")

    expect(page.locator("#copied")).to_have_text("Copied")
    expect(page.locator("#copied")).to_have_attribute("role", "status")
    program = page.locator("#program").inner_text()
    assert page.evaluate("navigator.clipboard.readText()") == program


def test_behind_a_gateway(visit: Visit, house: Run) -> None:
    """A prefix that a gateway adds to all paths changes nothing but the addresses shown."""
    prefix = f"{house.address}/models/house/"

    def forward(route: Route) -> None:
        url = route.request.url
        assert url.startswith(prefix)
        route.fulfill(response=route.fetch(url=url.replace("/models/house/", "/")))

    page = visit.open(prefix, route=forward)

    assert "Answered in" in predict(page)
    assert f"curl {prefix}invocations" in page.locator("#program").inner_text()


def test_strict_policy(visit: Visit, house: Run) -> None:
    """The page asks for nothing but its own files, so that a policy may forbid all else."""

    def forbid(route: Route) -> None:
        answer = route.fetch()
        headers = {**answer.headers, "content-security-policy": POLICY}
        route.fulfill(response=answer, headers=headers)

    show_everything(visit.open(house.address, route=forbid))
