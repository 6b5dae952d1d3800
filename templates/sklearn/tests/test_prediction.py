"""Yours: what the model must answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

import trainer
from container.lifecycle import Environment
from prediction import Prediction, Service, Tumor

ROOT = Path(__file__).absolute().parents[1]
TUMORS = [Tumor(**row) for row in json.loads((ROOT / "payload.json").read_text("utf-8"))]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """Return the service of a small model."""
    environment = Environment(tmp_path_factory.mktemp("base"))
    environment.make_directories()
    environment.channel_dir("training").parent.mkdir(parents=True)
    environment.channel_dir("training").symlink_to(ROOT / "data" / "training")
    trainer.train(environment, trainer.Hyperparameters(n_estimators=25))
    service = Service()
    service.load(environment.model_dir)
    return service


def test_answers(service: Service) -> None:
    """The first tumor of the payload is malignant, the second benign."""
    answers = service.predict(TUMORS)

    assert [answer.diagnosis for answer in answers] == ["malignant", "benign"]
    assert all(0.5 <= answer.probability <= 1 for answer in answers)


def test_rows_do_not_influence_each_other(service: Service) -> None:
    """A row gets the same answer alone as among others."""
    assert service.predict(TUMORS) == [
        answer for tumor in TUMORS for answer in service.predict([tumor])
    ]


def test_wrong_values_are_refused() -> None:
    """A measurement is a number, and not negative."""
    with pytest.raises(ValidationError):
        Tumor(**{**dict(TUMORS[0]), "mean_radius": -1.0})


def test_answer_is_one_of_two() -> None:
    """There is no third diagnosis."""
    with pytest.raises(ValidationError):
        Prediction.model_validate({"diagnosis": "unclear", "probability": 0.5})
