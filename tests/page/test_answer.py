"""The answer as a person reads it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.mldock.workspace import Run
from tests.page.models.picture import LONG
from tests.page.visit import PHONE, Visit, predict, sent

pytestmark = pytest.mark.browser


def test_bars(page: Page) -> None:
    """What is a part of one is a bar with its share, the largest first."""
    answer = predict(page)

    expect(page.locator("#answer meter")).to_have_count(4)
    expect(page.get_by_role("meter", name="confidence")).to_have_attribute("value", "0.8")
    assert page.locator("#answer .shares dt").all_inner_texts() == ["fair", "dear", "cheap"]
    assert "80 %" in answer
    assert "81 %" in answer


def test_many_classes(visit: Visit, picture: Run) -> None:
    """Ten of them are in sight, in full even on a phone; nothing is rounded to all or nothing."""
    page = visit.open(picture.address, PHONE)
    predict(page)
    classes = page.locator("#answer .shares").first.locator("dt")

    assert classes.all_inner_texts() == [LONG, *(f"class {number}" for number in range(1, 10))]
    expect(page.get_by_role("meter", name=LONG)).to_be_visible()
    expect(page.get_by_text("> 99.9 %")).to_be_visible()
    expect(page.get_by_text("< 0.1 %").first).to_be_visible()
    page.get_by_text("2 more").click()
    expect(page.get_by_role("meter", name="class 11")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_shares_in_a_list(visit: Visit, picture: Run) -> None:
    """A list of probabilities has bars too, each with its index; no number is told in a word."""
    page = visit.open(picture.address)
    page.get_by_role("textbox", name="pixels").fill(json.dumps([0] * 12))
    predict(page)

    expect(page.locator("#answer .sheet > dd").last).to_have_text("none")
    lists = page.locator("#answer .sheet > dd > .shares")
    assert lists.last.locator("dt").all_inner_texts() == ["1", "0"]
    assert lists.last.locator("dd").all_inner_texts() == ["75 %", "25 %"]


def test_thousands_of_rows(page: Page, tmp_path: Path) -> None:
    """The first of them are shown; a file has them all, as they were sent."""
    page.get_by_label("JSON", exact=True).check()
    raw = page.get_by_label("Body")
    row = json.loads(raw.input_value())
    raw.fill(json.dumps([{**row, "area": area} for area in range(1, 2001)]))
    predict(page)

    expect(page.locator("#answer")).to_contain_text("The first 200 of 2000 rows")
    expect(page.locator("#answer tbody tr")).to_have_count(200)
    page.get_by_text("As it was sent").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Save as answer.json").click()
    download.value.save_as(tmp_path / "answer.json")
    answers = json.loads((tmp_path / "answer.json").read_bytes())
    assert [answer["price"] for answer in answers] == [1000.0 * area for area in range(1, 2001)]


def test_text_is_left_as_it_is(page: Page) -> None:
    """What looks like a list within a text is sent, and shown, letter by letter."""
    text = 'a [ b ] "c, [" {d} ]'
    page.get_by_label("district").fill(text)

    assert sent(page)["district"] == text
    expect(page.locator("#answer .sheet")).to_contain_text(text)

    values = [[" ]", "b"], text, {"c": ["[ d", "] e"]}, [[1, 2], []]]
    laid_out = "values => import('./page/elements.js').then(({ pretty }) => pretty(values))"
    assert json.loads(page.evaluate(laid_out, values)) == values
