"""Models of other shapes: texts and objects in a row, a row that is one list, answers in parts."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.mldock.serving import serve, wait_until_ready
from tests.mldock.workspace import Workspace
from tests.page.conftest import MODELS
from tests.project import generate
from tests.typed_client.making import Owner

HOUSE = {
    "area": 84.5,
    "rooms": 4,
    "district": "42",
    "place": {"latitude": 52.5, "longitude": 13.4},
    "asked": [1, 2, 3],
    "built": "1999-12-31",
}

IMAGE = '''\
"""A model whose row is one list."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, Field

from mldock.serving import ModelService


class Grey_image(BaseModel):
    """An image with an unusual name."""

    pixels: list[float] = Field(min_length=3, max_length=3)


class Light(BaseModel):
    """How light it is, and where most."""

    mean: float
    lightest: int | None


class Service(ModelService[Grey_image, Light]):
    """Says how light an image is."""

    input_type = Grey_image
    output_type = Light

    def load(self, model_dir: Path) -> None:
        """There is nothing to load."""

    def predict(self, rows: Sequence[Grey_image]) -> list[Light]:
        """Compute it."""
        return [
            Light(
                mean=sum(row.pixels) / 3,
                lightest=row.pixels.index(max(row.pixels)) if any(row.pixels) else None,
            )
            for row in rows
        ]
'''


@contextmanager
def asking(folder: Path, python: Path, prediction: str) -> Iterator[tuple[Owner, str]]:
    """Serve a model; yield the owner of a client of it, and the address."""
    workspace = Workspace(folder / "server")
    workspace.write("src/prediction.py", prediction)
    (workspace.base_dir / "model").mkdir()
    run = serve(workspace)
    try:
        # A package has no name that begins with a digit.
        project = generate(folder / "shapes", template="generic", image_name="team/7-shapes")
        owner = Owner(project, python)
        (owner.project.path / "src" / "prediction.py").write_text(prediction, "utf-8")
        result = owner.make()
        assert result.returncode == 0, result.stdout
        # What the generator cannot express it says as a warning.
        assert "arning" not in result.stdout
        assert owner.check_types().startswith("Success")
        assert (owner.folder / "client_7_shapes").is_dir()
        yield owner, wait_until_ready(run).address
    finally:
        workspace.end()


def test_texts_and_objects(tmp_path: Path, python: Path) -> None:
    """A text that looks like a number stays one; objects are JSON in their cells."""
    rows = tmp_path / "houses.csv"
    with rows.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow([*HOUSE, "heated"])
        # An empty cell is none.
        cells = [cell if isinstance(cell, str) else json.dumps(cell) for cell in HOUSE.values()]
        lines.writerow([*cells, ""])
    with asking(tmp_path, python, (MODELS / "house.py").read_text("utf-8")) as (owner, url):
        names, cells = owner.answers(str(rows), "--url", url)
        assert names == ["row", "price", "confidence", "district", "classes"]
        assert cells[:4] == ["1", "8.45e+04", "0.8", "42"]
        assert json.loads("".join(cells[4:])) == {"cheap": 0.07, "fair": 0.81, "dear": 0.12}

        # The type of a choice is told before anything is sent.
        rows.write_text(json.dumps({**HOUSE, "kind": "castle"}), "utf-8")
        rows = rows.rename(rows.with_suffix(".json"))
        assert owner.refused(str(rows)).startswith("row 1 is no House: Unexpected value 'castle'")


def test_one_list(tmp_path: Path, python: Path) -> None:
    """All cells of a line are the row, whatever their names; an answer may be nothing."""
    rows = tmp_path / "images.csv"
    rows.write_text("pixel_0,pixel_1,pixel_2\n0,3,0\n0,0,0\n", "utf-8")
    with asking(tmp_path, python, IMAGE) as (owner, url):
        expected = [["row", "mean", "lightest"], ["1", "1", "1"], ["2", "0", "null"]]
        assert owner.answers(str(rows), "--url", url) == expected

        rows.write_text("pixel_0,pixel_1,pixel_2\n0,3\n", "utf-8")
        assert "HTTP status 422: row 1, pixels.2" in owner.refused(str(rows), "--url", url)


def test_answers_in_parts(tmp_path: Path, python: Path) -> None:
    """Each row is a question, each line an answer; a failure after the first part is told."""
    rows = tmp_path / "texts.csv"
    rows.write_text("text\nonce\n12\n", "utf-8")
    with asking(tmp_path, python, (MODELS / "story.py").read_text("utf-8")) as (owner, url):
        parts = [["1", "once"], ["2", "end"], ["3", "12"], ["4", "end"]]
        assert owner.answers(str(rows), "--url", url) == [["part", "word"], *parts]

        rows.write_text("text\nbadly\n", "utf-8")
        assert "stopped its answer: The model failed: Arith" in owner.refused(
            str(rows), "--url", url
        )
