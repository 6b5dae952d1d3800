"""A file of rows, sent as it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.page.visit import Visit, predict
from tests.runtime.workspace import Run

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
    """The beginning is shown, the content type is found, and each row is answered."""
    choose(page, "houses.jsonl", LINES)

    expect(page.get_by_label("Content type")).to_have_value("application/jsonlines")
    expect(page.get_by_role("group", name="Beginning of the file")).to_contain_text('"area": 1')
    expect(page.locator("#file-preview")).to_contain_text("houses.jsonl, 214 bytes")
    predict(page)
    expect(page.locator("#answer tbody tr")).to_have_count(2)
    expect(page.locator("#answer tbody tr").last).to_contain_text("2000")


def test_table(visit: Visit, tumor: Run) -> None:
    """A table's answer is no table in CSV, which has no names, but one that is read."""
    page = visit.open(tumor.address)
    header = ",".join(page.locator("#fields label").all_inner_texts())
    choose(page, "tumors.CSV", "\n".join([header, *[",".join(["1"] * 30)] * 3]).encode())

    predict(page)

    expect(page.locator("#answer thead th")).to_have_text(["row", "diagnosis", "probability"])
    expect(page.locator("#answer")).to_contain_text("3 rows")


def test_wrong_rows(page: Page) -> None:
    """What is wrong with a row is told with its number."""
    choose(page, "houses.jsonl", LINES.replace(b'"area": 2', b'"area": -2'))

    assert "row 2, area: Input should be greater than 0" in predict(page)


def test_no_file(page: Page) -> None:
    """Without a file, nothing is sent, and the choice has the focus."""
    page.get_by_label("File", exact=True).check()
    page.get_by_role("button", name="Predict").click()

    expect(page.get_by_label("File: rows")).to_be_focused()
    expect(page.locator("#file-fault")).to_have_text("Choose a file first.")
    expect(page.locator("#answer")).to_contain_text("its answer comes here")


@pytest.mark.parametrize("language", ["curl", "Python"])
def test_program(page: Page, tmp_path: Path, language: str) -> None:
    """The program sends the file, whatever its name."""
    name = "Anne's houses.jsonl"
    (tmp_path / name).write_bytes(LINES)
    choose(page, name, LINES)
    page.get_by_label(language).check()
    program = page.locator("#program").inner_text()

    command = [sys.executable, "-c", program] if language == "Python" else ["bash", "-c", program]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    assert "2000" in answer.stdout, answer


def test_form_is_kept(page: Page) -> None:
    """What was written in the form is there after a look at the other views."""
    page.get_by_label("area").fill("77")
    page.get_by_label("File", exact=True).check()
    expect(page.get_by_label("area")).to_be_hidden()
    page.get_by_label("Form", exact=True).check()

    expect(page.get_by_label("area")).to_have_value("77")
