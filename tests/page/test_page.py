"""What a person can do on the page."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.page.visit import Visit, predict
from tests.runtime.workspace import CONTAINER, Run

pytestmark = pytest.mark.browser

PAGE = CONTAINER / "prediction" / "page"


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


def test_prediction(page: Page) -> None:
    """Predict shows each field of the answer, with bars for what is a part of one."""
    page.get_by_label("area").fill("100.25")

    answer = predict(page)

    assert "100250" in answer
    assert "Anne's <b>town</b>" in answer
    assert "200, " in answer
    assert " ms" in answer
    expect(page.locator("#answer meter")).to_have_count(4)
    expect(page.get_by_role("meter", name="confidence")).to_have_attribute("value", "0.8")
    # The most probable class is the first.
    assert page.locator("#answer .shares dt").all_inner_texts() == ["fair", "dear", "cheap"]


def test_all_kinds_of_fields_are_sent(page: Page) -> None:
    """What is sent is what the inputs hold."""
    page.get_by_label("kind").select_option("house")
    page.get_by_label("garden").check()
    page.get_by_label("built").fill("1904-05-06")
    page.get_by_label("heated").select_option("true")
    page.get_by_label("asked").fill("[1, 2, 3]")
    with page.expect_request("**/invocations") as request:
        predict(page)

    assert request.value.post_data_json == {
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


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("area", "-1", "Input should be greater than 0, found '-1'"),
        ("area", "", "Field required"),
        ("rooms", "1.5", "Input should be a valid integer"),
        ("district", "x", "String should have at least 2 characters"),
        ("place", '{"latitude": 99, "longitude": 0}', "latitude: Input should be less than"),
        ("asked", "[1]", "List should have at least 3 items"),
        ("asked", "[1, ", "This is not JSON"),
    ],
)
def test_wrong_value(page: Page, field: str, value: str, fault: str) -> None:
    """What is wrong with a value stands at its field, which has the focus, until it is mended."""
    page.get_by_label(field).fill(value)
    page.get_by_role("button", name="Predict").click()

    expect(page.locator(f"#field-{field}-fault")).to_contain_text(fault)
    expect(page.get_by_label(field)).to_be_focused()
    expect(page.get_by_label(field)).to_have_attribute("aria-invalid", "true")

    page.get_by_role("button", name="Example").click()
    assert "200, " in predict(page)
    expect(page.locator(f"#field-{field}-fault")).to_be_hidden()


def test_failure_of_the_model(page: Page) -> None:
    """A failure is told with what it means."""
    page.get_by_label("district").fill("Nowhere")

    answer = predict(page)

    assert "500, " in answer
    assert "ArithmeticError" in answer
    assert "The model has failed; the log says why." in answer


def test_server_that_is_gone(page: Page, visit: Visit) -> None:
    """Without a server the page says so, and goes on when it is back."""
    page.route("**/invocations", lambda route: route.abort())
    page.route("**/ping", lambda route: route.abort())

    assert "The server cannot be reached" in predict(page)
    expect(page.locator("#readiness")).to_contain_text("Not ready: the server cannot be reached")

    page.unroute_all()
    assert "200, " in predict(page)
    expect(page.locator("#readiness")).to_have_text("Ready")
    assert visit.complaints == ["Failed to load resource: net::ERR_FAILED"] * len(visit.complaints)
    visit.complaints.clear()


def test_server_that_is_not_ready(page: Page) -> None:
    """The page has the reason that the server gives."""
    body = json.dumps({"error": "1 of 2 workers is being started."})
    page.route("**/ping", lambda route: route.fulfill(status=503, body=body))

    expect(page.locator("#readiness")).to_have_text("Not ready: 1 of 2 workers is being started.")


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
    expect(words).to_have_text(["slowly", "end"])


def test_stream_that_fails(visit: Visit, story: Run) -> None:
    """A failure in the middle of an answer is no success, though the status was sent."""
    page = visit.open(story.address)
    page.get_by_label("text").fill("badly")

    assert "The model failed: ArithmeticError" in predict(page)
    expect(page.locator("#answer")).to_have_class(re.compile("failed"))


def test_model_without_an_example(visit: Visit) -> None:
    """Where the server cannot make a document, the page has the reason."""
    page = visit.browser.new_page()
    body = json.dumps({"error": "No example of House can be made: area. Give the field one."})
    page.route("**/openapi.json", lambda route: route.fulfill(status=500, body=body))
    page.route(
        "**/page/*", lambda route: route.fulfill(path=PAGE / route.request.url.split("/")[-1])
    )
    page.route("http://server/", lambda route: route.fulfill(path=PAGE / "index.html"))
    page.goto("http://server/")

    expect(page.locator("#description")).to_contain_text("Give the field one.")
    page.close()
