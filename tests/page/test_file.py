"""Requests that are not made in the form: a file of rows, and JSON."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.mldock.workspace import Run
from tests.page.visit import Visit, predict

pytestmark = pytest.mark.browser

PLACE = b'"place": {"latitude": 0, "longitude": 0}'
ROW = b'{"area": %d, "rooms": 2, "district": "North", ' + PLACE + b', "asked": [1, 2, 3]}\n'
LINES = ROW % 1 + ROW % 2


def choose(page: Page, name: str, content: bytes) -> None:
    """Choose a file."""
    page.get_by_label("File", exact=True).check()
    file = FilePayload(name=name, mimeType="", buffer=content)
    page.get_by_label("File: rows").set_input_files(file)


def test_rows(page: Page) -> None:
    """The beginning is shown, the content type is found, and each row is answered or refused."""
    choose(page, "houses.jsonl", LINES)

    expect(page.get_by_label("Content type")).to_have_value("application/jsonlines")
    expect(page.get_by_role("group", name="Beginning of the file")).to_contain_text('"area": 1')
    expect(page.locator("#file-preview")).to_contain_text("houses.jsonl, 214 bytes")
    predict(page)
    expect(page.locator("#answer tbody tr")).to_have_count(2)
    expect(page.locator("#answer tbody tr").last).to_contain_text("2000")

    choose(page, "houses.jsonl", LINES.replace(b'"area": 2', b'"area": -2'))
    assert "row 2, area: Input should be greater than 0" in predict(page)


def test_table(visit: Visit, tumor: Run) -> None:
    """A table's answer is no table in CSV, which has no names, but one that is read."""
    page = visit.open(tumor.address)
    header = ",".join(page.locator("#fields label").all_inner_texts())
    choose(page, "tumors.CSV", "\n".join([header, *[",".join(["1"] * 30)] * 3]).encode())

    predict(page)

    expect(page.locator("#answer thead th")).to_have_text(["row", "diagnosis", "probability"])
    expect(page.locator("#answer")).to_contain_text("3 rows")


def test_no_file(page: Page) -> None:
    """Without a file, nothing is sent, and the choice has the focus."""
    page.get_by_label("File", exact=True).check()
    page.get_by_role("button", name="Predict").click()

    expect(page.get_by_label("File: rows")).to_be_focused()
    expect(page.locator("#file-fault")).to_have_text("Choose a file first.")
    expect(page.locator("#answer")).to_contain_text("its answer comes here")


def test_form_is_kept(page: Page) -> None:
    """What was written in the form is there after a look at the other views."""
    page.get_by_label("area").fill("77")
    page.get_by_label("File", exact=True).check()
    expect(page.get_by_label("area")).to_be_hidden()
    page.get_by_label("Form", exact=True).check()

    expect(page.get_by_label("area")).to_have_value("77")


def test_program(page: Page, tmp_path: Path) -> None:
    """The program sends the file, whatever its name."""
    name = "Anne's houses.jsonl"
    (tmp_path / name).write_bytes(LINES)
    choose(page, name, LINES)
    program = page.locator("#program").inner_text()

    answer = subprocess.run(["bash", "-c", program], cwd=tmp_path, capture_output=True, text=True)

    assert "2000" in answer.stdout, answer


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
