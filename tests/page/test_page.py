"""What a person can do on the page."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.mldock.workspace import Run
from tests.page.visit import Visit, predict, sent

pytestmark = pytest.mark.browser


def test_the_model_is_introduced(page: Page) -> None:
    """The page says what the model does, and what a row of it is, in the person's words."""
    expect(page).to_have_title("Guesses what a house is worth")
    expect(page.get_by_role("heading", level=1)).to_have_text("Guesses what a house is worth")
    expect(page.locator("#description")).to_contain_text("as an agent would describe it")


def test_form_is_filled_in(page: Page) -> None:
    """Each field has an input of its kind, with its limits, its description and the example."""
    area = page.get_by_label("area")
    expect(area).to_have_value("84.5")
    expect(area).to_have_attribute("type", "number")
    expect(area).to_have_accessible_description("> 0, ≤ 9999 Living space, in square metres.")
    rooms = page.get_by_label("rooms")
    assert [rooms.get_attribute(name) for name in ("min", "max", "step")] == ["1", "30", "1"]
    assert page.get_by_label("kind").locator("option").all_inner_texts() == [
        "flat",
        "house",
        "farm",
    ]
    expect(page.get_by_label("garden")).not_to_be_checked()
    expect(page.get_by_label("built")).to_have_attribute("type", "date")
    expect(page.get_by_label("district")).to_have_value("Anne's <b>town</b>")
    assert json.loads(page.get_by_label("place").input_value()) == {"latitude": 0, "longitude": 0}
    expect(page.get_by_label("asked")).to_have_value("[0, 0, 0]")
    names = page.locator("#fields label").all_inner_texts()
    assert names[:3] == ["area", "rooms", "kind"]


def test_all_kinds_of_fields_are_sent(page: Page) -> None:
    """What is sent is what the inputs hold; the answer has each field, and how long it took."""
    page.get_by_label("kind").select_option("house")
    page.get_by_label("garden").check()
    page.get_by_label("built").fill("1904-05-06")
    page.get_by_label("heated").select_option("true")
    page.get_by_label("asked").fill("[1, 2, 3]")

    assert sent(page) == {
        "area": 84.5,
        "rooms": 4,
        "kind": "house",
        "garden": True,
        "built": "1904-05-06",
        "district": "Anne's <b>town</b>",
        "heated": True,
        "place": {"latitude": 0, "longitude": 0},
        "asked": [1, 2, 3],
    }
    answer = page.locator("#answer").inner_text()
    assert "84500" in answer
    assert "Anne's <b>town</b>" in answer
    # A screen reader hears that it is there.
    expect(page.locator("#status")).to_have_attribute("role", "status")
    expect(page.locator("#status")).to_have_text(re.compile(r"^Answered in \d+ ms \(200\)$"))


def test_routes(page: Page) -> None:
    """The routes of the document are there, with their content types and what can fail."""
    routes = page.locator("#routes")
    expect(routes.get_by_role("heading", level=3)).to_have_text(
        ["POST /invocations", "GET /ping", "GET /execution-parameters"]
    )
    expect(routes).to_contain_text("application/jsonlines")
    routes.get_by_text("What can fail").first.click()
    expect(routes).to_contain_text("A row is not what the model expects.")
    with page.expect_navigation():
        page.get_by_role("link", name="openapi.json").click()
    assert '"openapi"' in page.content()


def test_stream(visit: Visit, story: Run) -> None:
    """The parts of an answer are shown as they come."""
    page = visit.open(story.address)
    page.get_by_label("text").fill("slowly")
    page.get_by_role("button", name="Predict").click()

    words = page.locator("#answer tbody td")
    expect(words).to_have_text(["slowly"], timeout=900)
    expect(page.locator("#status")).to_have_text("Answering")
    expect(words).to_have_text(["slowly", "end"])
    expect(page.locator("#status")).to_have_text(re.compile(r"^Answered in .* \(200\)$"))


def test_stream_that_fails(visit: Visit, story: Run) -> None:
    """A failure in the middle of an answer is no success, though the status was sent."""
    page = visit.open(story.address)
    page.get_by_label("text").fill("badly")

    assert "The model failed: ArithmeticError" in predict(page)
    expect(page.locator("#answer")).to_have_class(re.compile("failed"))
