"""What a person is told when something goes wrong."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.mldock.workspace import PACKAGE, Run
from tests.page.visit import Visit, predict

pytestmark = pytest.mark.browser

PAGE = PACKAGE / "serving" / "page"


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("area", "-1", "Input should be greater than 0, found '-1'"),
        ("rooms", "1.5", "Input should be a valid integer"),
        ("place", '{"latitude": 99, "longitude": 0}', "latitude: Input should be less than"),
        ("asked", "[1, ", "This is not JSON"),
    ],
)
def test_wrong_value(page: Page, field: str, value: str, fault: str) -> None:
    """What is wrong with a value is at its field, which has the focus, until it is corrected."""
    page.get_by_label(field).fill(value)
    page.get_by_role("button", name="Predict").click()

    expect(page.locator(f"#field-{field}-fault")).to_contain_text(fault)
    expect(page.get_by_label(field)).to_be_focused()
    expect(page.get_by_label(field)).to_have_attribute("aria-invalid", "true")

    page.get_by_role("button", name="Example").click()
    expect(page.get_by_label(field)).not_to_have_attribute("aria-invalid", "true")
    assert "Answered in" in predict(page)
    expect(page.locator(f"#field-{field}-fault")).to_be_hidden()


def test_several_wrong_values(page: Page) -> None:
    """Each is marked, the first has the focus, and what is corrected is no longer marked."""
    page.get_by_label("asked").fill("[1, 2, null]")
    page.get_by_label("rooms").fill("99")
    answer = predict(page)

    assert "Refused in" in answer
    assert "A row is not what the model expects." in answer
    assert "Correct what is named, and predict again." in answer
    expect(page.get_by_label("rooms")).to_be_focused()
    expect(page.locator("#field-rooms-fault")).to_contain_text("less than or equal to 30")
    expect(page.locator("#field-asked-fault")).to_contain_text("value 3: Input should be")

    page.get_by_label("rooms").fill("9")
    expect(page.locator("#field-rooms-fault")).to_be_hidden()
    expect(page.locator("#field-asked-fault")).to_be_visible()


def test_failure_of_the_model(page: Page, house: Run) -> None:
    """A failure is told with what it means, and where the log has it."""
    page.get_by_label("district").fill("Nowhere")

    answer = predict(page)

    assert "(500)" in answer
    assert "ArithmeticError" in answer
    assert "The model has failed; the log says why." in answer
    assert "Look into the log of the server" in answer
    request_id = answer.partition("request_id ")[2].split()[0]
    house.wait_for(request_id)


def test_long_prediction(page: Page) -> None:
    """A wait is seen, and need not be waited for; then all is as before."""
    page.get_by_label("district").fill("Far away")
    page.get_by_role("button", name="Predict").click()

    expect(page.locator("#status")).to_have_text("Waiting for the answer")
    expect(page.locator("#elapsed")).to_have_text(re.compile(r"^\d\.\d s$"))
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#status")).to_have_text("Stopped")
    expect(page.locator("#answer-body")).to_have_text("The request was stopped.")
    expect(page.get_by_role("button", name="Predict")).to_be_focused()
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()

    page.get_by_role("button", name="Example").click()
    assert "Answered in" in predict(page)


def test_server_that_is_gone(page: Page, visit: Visit) -> None:
    """Without a server the page says so, and goes on when it is back."""
    page.route("**/invocations", lambda route: route.abort())
    page.route("**/ping", lambda route: route.abort())

    answer = predict(page)
    assert "The server cannot be reached" in answer
    assert "nox -s serve" in answer
    expect(page.locator("#readiness")).to_contain_text("Not ready: the server cannot be reached")

    page.unroute_all()
    expect(page.locator("#readiness")).to_have_text("Ready")
    assert "Answered in" in predict(page)
    assert visit.complaints == ["Failed to load resource: net::ERR_FAILED"] * len(visit.complaints)
    visit.complaints.clear()


def test_server_that_is_not_ready(page: Page) -> None:
    """The page has the reason that the server gives, or the words of a gateway that gives up."""
    body = json.dumps({"error": "1 of 2 workers is being started."})
    for path in ("ping", "invocations"):
        page.route(f"**/{path}", lambda route: route.fulfill(status=503, body=body))

    answer = predict(page)
    expect(page.locator("#readiness")).to_have_text("Not ready: 1 of 2 workers is being started.")
    assert "The model is not ready or busy, or the server stops." in answer
    assert "1 of 2 workers is being started." in answer
    assert "Predict again when the page says Ready." in answer

    html = "<h1>Gateway timeout</h1>"
    page.route("**/invocations", lambda route: route.fulfill(status=504, body=html))
    answer = predict(page)
    assert html in answer
    assert "The model has not answered in time." in answer


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
    expect(page.get_by_role("button", name="Predict")).to_be_hidden()
    page.close()
