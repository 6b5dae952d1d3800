"""Pictures are seen, drawn and loaded, whether they are pixels or files."""

from __future__ import annotations

import base64
import json
import re
import struct
import zlib
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.mldock.workspace import ROOT, Run
from tests.page.models.picture import FILE, Picture
from tests.page.visit import Visit, predict, sent

pytestmark = pytest.mark.browser

# From a copy, since reading makes Chromium complain of the canvas.
PIXELS = """canvas => {
  const copy = new OffscreenCanvas(4, 3).getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  return [...copy.getImageData(0, 0, 4, 3).data];
}"""
BLACK, WHITE, RED = [0, 0, 0, 255], [255, 255, 255, 255], [255, 0, 0, 255]


def png(lines: list[list[int]]) -> bytes:
    """Return a file of grey pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        whole = name + content
        return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))

    size = struct.pack(">IIBBBBB", len(lines[0]), len(lines), 8, 0, 0, 0, 0)
    content = zlib.compress(b"".join(bytes([0, *line]) for line in lines))
    parts = chunk(b"IHDR", size) + chunk(b"IDAT", content) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


# Four times as large as the model's pictures: white, but the left half black.
HALF = FilePayload(name="half.png", mimeType="image/png", buffer=png([[0] * 8 + [255] * 8] * 12))
BROKEN = FilePayload(name="broken.png", mimeType="image/png", buffer=b"no picture")


def colours(page: Page, place: str) -> list[list[int]]:
    """Return the pixels that a canvas shows, colour by colour."""
    values = page.locator(f"{place} canvas").first.evaluate(PIXELS)
    return [values[start : start + 4] for start in range(0, len(values), 4)]


def numbers(page: Page) -> Any:
    """Return the pixels that would be sent."""
    return json.loads(page.get_by_role("textbox", name="pixels").input_value())


def test_hints_of_the_documentation() -> None:
    """What docs/serving.md tells owners to write is what the page looks for."""
    text = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n# src/prediction.py, pictures\n(.*?)```", text, re.DOTALL)
    names: dict[str, Any] = {}
    exec(block, names)
    told = names["Picture"].model_json_schema()["properties"]
    known = Picture.model_json_schema()["properties"]

    assert told["pixels"]["x-image"].keys() == known["pixels"]["x-image"].keys()
    assert {name: told["photo"][name] for name in FILE} == FILE


@pytest.fixture
def page(visit: Visit, picture: Run) -> Page:
    """Return the page of a model of pictures."""
    return visit.open(picture.address)


def test_pixels_are_seen(page: Page) -> None:
    """The numbers of the example are a picture; others are, as soon as they are written.

    So are the pixels of an answer, grey or in colours.
    """
    assert colours(page, "#request") == [BLACK] * 6 + [WHITE] * 6
    predict(page)
    assert colours(page, "#answer") == [WHITE] * 6 + [BLACK] * 6
    red = page.get_by_role("img", name="red: picture of 4 by 3 pixels").evaluate(PIXELS)
    assert red == RED * 12

    page.get_by_role("textbox", name="pixels").fill(json.dumps([255, 0] * 6))
    assert colours(page, "#request") == [WHITE, BLACK] * 6


def test_pixels_are_drawn(page: Page) -> None:
    """A line that is drawn is black, is among the numbers, and is sent."""
    page.get_by_role("button", name="Clear").click()
    assert colours(page, "#request") == [WHITE] * 12
    box = page.locator("#request canvas").first.bounding_box()
    assert box
    page.mouse.move(box["x"] + 2, box["y"] + box["height"] / 6)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] / 6, steps=3)
    page.mouse.up()
    page.mouse.move(box["x"] + 2, box["y"] + box["height"] - 2)

    drawn = numbers(page)
    assert max(drawn[:4]) < 40
    assert drawn[8:] == [255] * 4
    assert f'"pixels": {json.dumps(drawn)}' in page.locator("#program").inner_text()
    assert sent(page)["pixels"] == drawn


def test_pixels_are_loaded(page: Page) -> None:
    """A picture of any size becomes one of the model's size; another file is refused."""
    page.get_by_label("Load a picture").set_input_files(HALF)

    expect(page.get_by_role("textbox", name="pixels")).not_to_have_value("")
    page.wait_for_function("document.querySelector('#field-pixels').value.startsWith('[0, 0, 2')")
    assert numbers(page) == [0, 0, 255, 255] * 3

    page.get_by_label("Load a picture").set_input_files(BROKEN)
    expect(page.locator("#field-pixels-fault")).to_contain_text("Choose another file.")
    assert numbers(page) == [0, 0, 255, 255] * 3


def test_photo(page: Page) -> None:
    """A field that is a file is chosen, seen, sent in base64, and seen in the answer."""
    assert "none" in predict(page)
    page.get_by_label("photo").set_input_files(HALF)
    expect(page.get_by_role("img", name="picture", exact=True)).to_be_visible()

    assert base64.b64decode(sent(page)["photo"]) == HALF["buffer"]
    shown = page.get_by_role("img", name="photo: picture")
    expect(shown).to_have_attribute("width", "16")
    assert shown.evaluate(PIXELS) == BLACK * 12


def test_picture_as_the_model_takes_it(page: Page) -> None:
    """A file of a content type of the model's own is shown, and sent as it is."""
    page.get_by_label("File", exact=True).check()
    page.get_by_label("File: rows").set_input_files(HALF)
    expect(page.get_by_role("img", name="half.png")).to_be_visible()
    with page.expect_request("**/invocations") as request:
        predict(page)

    assert request.value.headers["content-type"] == "image/png"
    assert request.value.post_data_buffer == HALF["buffer"]
    assert colours(page, "#answer") == [WHITE] * 12
