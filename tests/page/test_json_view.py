"""The request as JSON, beside the form."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from tests.page.visit import predict

pytestmark = pytest.mark.browser


def test_json(page: Page) -> None:
    """The body can be written as JSON, in any of the shapes, from where the form was left."""
    page.get_by_label("area").fill("2")
    page.get_by_label("JSON", exact=True).check()
    raw = page.get_by_label("Body")
    row = json.loads(raw.input_value())
    assert row["area"] == 2

    raw.fill(json.dumps({"instances": [row, {**row, "area": 3}]}))
    predict(page)

    lines = page.locator("#answer tbody tr")
    expect(lines).to_have_count(2)
    expect(lines.nth(1)).to_contain_text("3000")


@pytest.mark.parametrize(
    ("text", "fault"), [("{", "The body is not JSON"), ("[{}]", "row 1, area: Field required")]
)
def test_wrong_json(page: Page, text: str, fault: str) -> None:
    """What the server says of JSON that is wrong stands in the answer."""
    page.get_by_label("JSON", exact=True).check()
    page.get_by_label("Body").fill(text)

    assert fault in predict(page)


def test_json_to_form(page: Page) -> None:
    """A row that was written as JSON is in the form; many rows leave it as it was."""
    page.get_by_label("JSON", exact=True).check()
    raw = page.get_by_label("Body")
    raw.fill(json.dumps({**json.loads(raw.input_value()), "rooms": 7, "kind": "farm"}))
    page.get_by_label("Form", exact=True).check()
    expect(page.get_by_label("rooms")).to_have_value("7")
    expect(page.get_by_label("kind")).to_have_value("farm")

    page.get_by_label("JSON", exact=True).check()
    raw.fill("[[1], [2]]")
    page.get_by_label("Form", exact=True).check()
    expect(page.get_by_label("rooms")).to_have_value("7")
