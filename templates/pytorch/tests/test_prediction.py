"""Yours: what the model must answer."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from mldock import Environment
from mldock.serving.messages import RequestError
from PIL import Image
from pydantic import ValidationError

import prediction
import trainer
from network import DARKEST, SIDE
from prediction import EXAMPLE, WHITE, Digit, Prediction, Service, read_image

ROOT = Path(__file__).absolute().parents[1]
ROWS = json.loads((ROOT / "payload.json").read_text("utf-8"))
DIGITS = np.array([row["pixels"] for row in ROWS], dtype=np.float32)


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a model that learnt little."""
    environment = Environment(tmp_path_factory.mktemp("base"))
    environment.make_directories()
    environment.channel_dir("training").parent.mkdir(parents=True)
    environment.channel_dir("training").symlink_to(ROOT / "data" / "training")
    trainer.train(environment, trainer.Hyperparameters(epochs=3))
    return environment.model_dir


@pytest.fixture
def service(model_dir: Path) -> Service:
    """Return the service of that model."""
    service = Service()
    service.load(model_dir)
    return service


def test_answers(service: Service) -> None:
    """The first image of the payload shows a three, the second a seven."""
    answers = service.predict(DIGITS)

    assert answers["digit"].tolist() == [3, 7]
    assert all(0.5 <= probability <= 1 for probability in answers["probability"])


def test_rows_do_not_influence_each_other(service: Service) -> None:
    """Training has proved that a row gets the same answer alone as among others."""
    assert service.row_independent


def test_example_is_a_three(service: Service) -> None:
    """What the page of the server is filled in with is an image that the network reads."""
    assert service.predict(np.array([EXAMPLE], dtype=np.float32))["digit"].tolist() == [3]


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


@pytest.mark.parametrize("body", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_image_is_refused(body: bytes) -> None:
    """The client is told, with status 400."""
    with pytest.raises(RequestError, match="not an image") as caught:
        read_image(body)

    assert caught.value.status == 400


def test_device_is_chosen_in_the_worker(model_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading touches no device, since the server forks after it; the first request does."""
    chosen = []

    def choose_device() -> torch.device:
        chosen.append("cpu")
        return torch.device("cpu")

    monkeypatch.setattr(prediction, "choose_device", choose_device)
    service = Service()
    service.load(model_dir)
    assert chosen == []

    service.predict(DIGITS)
    service.predict(DIGITS)
    assert chosen == ["cpu"]


@pytest.mark.parametrize(
    "pixels",
    [[0.0] * 63, [0.0] * 65, [0.0] * 63 + [17.0], [-1.0] + [0.0] * 63, [float("nan")] * 64],
    ids=["too few", "too many", "too dark", "negative", "not a number"],
)
def test_wrong_values_are_refused(pixels: list[float]) -> None:
    """An image has 64 pixels, each from 0 to 16."""
    with pytest.raises(ValidationError):
        Digit(pixels=pixels)


def test_other_fields_are_refused() -> None:
    """A field that the model does not know is a mistake of the client."""
    with pytest.raises(ValidationError):
        Digit.model_validate({"pixels": [0] * 64, "label": 3})


def test_answer_is_one_of_ten() -> None:
    """There is no digit after nine."""
    with pytest.raises(ValidationError):
        Prediction(digit=10, probability=0.5)
