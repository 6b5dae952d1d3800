"""Yours: what the model must answer."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from mldock.serving import RequestError
from mldock.testing import PROJECT, make_environment
from PIL import Image
from pydantic import ValidationError

import trainer
from network import DARKEST, SIDE
from prediction import EXAMPLE, WHITE, Digit, Service, read_image

ROWS = json.loads((PROJECT / "payload.json").read_text("utf-8"))
DIGITS = np.array([row["pixels"] for row in ROWS], dtype=np.float32)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """Return the service of a model that learnt little."""
    environment = make_environment(tmp_path_factory.mktemp("base"))
    trainer.train(environment, trainer.Hyperparameters(epochs=3))
    service = Service()
    service.load(environment.model_dir)
    return service


def test_answers(service: Service) -> None:
    """The first image of the payload shows a three, the second a seven."""
    answers = service.predict(DIGITS)

    assert answers["digit"].tolist() == [3, 7]
    assert all(0.5 <= probability <= 1 for probability in answers["probability"])


def test_rows_do_not_influence_each_other(service: Service) -> None:
    """The training has proved that a row gets the same answer alone as among others."""
    assert service.batch_invariant


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "L"), ("PNG", "RGB"), ("JPEG", "L")])
def test_image_file(service: Service, kind: str, mode: str) -> None:
    """A photograph of any size is answered as the pixels that it shows."""
    dark = np.array(EXAMPLE, dtype=float).reshape(SIDE, SIDE) / DARKEST
    light = (WHITE * (1 - np.kron(dark, np.ones((10, 10))))).round().astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(light).convert(mode).save(file, kind)

    (row,) = read_image(file.getvalue())

    assert row["pixels"] == pytest.approx(EXAMPLE, abs=0.5)
    assert service.predict(np.array([row["pixels"]], dtype=np.float32))["digit"].tolist() == [3]


def test_other_files_are_refused() -> None:
    """What is not an image gets status 400."""
    with pytest.raises(RequestError, match="not an image"):
        read_image(b"GIF89a")


@pytest.mark.parametrize("pixels", [[0.0] * 63, [0.0] * 63 + [17.0], [float("nan")] * 64])
def test_wrong_values_are_refused(pixels: list[float]) -> None:
    """An image has 64 pixels, each from 0 to 16."""
    with pytest.raises(ValidationError):
        Digit(pixels=pixels)
