"""Yours: what the model must answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from pydantic import ValidationError

import prediction
import trainer
from container.lifecycle import Environment
from prediction import Digit, Prediction, Service

ROOT = Path(__file__).absolute().parents[1]
DIGITS = [Digit(**row) for row in json.loads((ROOT / "payload.json").read_text("utf-8"))]


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

    assert [answer.digit for answer in answers] == [3, 7]
    assert all(0.5 <= answer.probability <= 1 for answer in answers)


def test_rows_do_not_influence_each_other(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row gets the same answer alone as among others, also where there are many."""
    monkeypatch.setattr(prediction, "BATCH_SIZE", 3)
    together = service.predict(DIGITS * 4)
    alone = [answer for digit in DIGITS * 4 for answer in service.predict([digit])]

    assert [answer.digit for answer in together] == [answer.digit for answer in alone]
    assert [answer.probability for answer in together] == pytest.approx(
        [answer.probability for answer in alone]
    )


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
