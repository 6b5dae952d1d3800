"""The client of a template, made by its session, asks the image of that template."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.client import ask, wait_until_ready
from tests.images import Image
from tests.typed_client.making import Owner

# Rows that are one list, as pytorch's are, are asked without an image in test_shapes.py.
pytestmark = [
    pytest.mark.docker,
    pytest.mark.parametrize("image", ["generic", "sklearn"], indirect=True),
]


def test_container_answers_the_client(image: Image, python: Path) -> None:
    """The table has what the container says of the same rows; strictly typed, with no warning."""
    owner = Owner(image.project, python)
    made = image.project.nox("client")
    trained = image.project.nox("train")
    assert (made.returncode, trained.returncode) == (0, 0), made.stdout + trained.stdout
    assert "arning" not in made.stdout
    assert owner.check_types().startswith("Success")

    base_dir = image.project.path / ".mldock"
    container = image.start("serve", base_dir, ports={"8080/tcp": ("127.0.0.1", None)})
    try:
        container.reload()
        url = f"http://127.0.0.1:{container.ports['8080/tcp'][0]['HostPort']}"
        wait_until_ready(url, lambda: container.logs().decode())
        rows = (image.project.path / "payload.json").read_bytes()
        _, body = ask(url, "/invocations", rows, Content_Type="application/json")
        names, *answers = owner.answers("payload.csv", "--url", url)
        assert owner.answers("payload.json", "--url", url)[0] == names
    finally:
        container.remove(force=True)
        # Other tests have the same project.
        shutil.rmtree(owner.folder)

    # The two files begin with the same row.
    number, *cells = answers[0]
    said = json.loads(body)[0]
    assert (number, names) == ("1", ["row", *said])
    for cell, value in zip(cells, said.values(), strict=True):
        expected = pytest.approx(value, rel=1e-3) if isinstance(value, float) else value
        assert (cell if isinstance(value, str) else json.loads(cell)) == expected
