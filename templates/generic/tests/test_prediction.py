"""Yours: what the model must answer."""

from __future__ import annotations

import json

import pytest
from mldock.testing import PROJECT, make_environment
from pydantic import ValidationError

import trainer
from prediction import Flower, Service

FLOWERS = [Flower(**row) for row in json.loads((PROJECT / "payload.json").read_text("utf-8"))]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """Return the service of a trained model."""
    environment = make_environment(tmp_path_factory.mktemp("base"))
    trainer.train(environment, trainer.Hyperparameters())
    service = Service()
    service.load(environment.model_dir)
    return service


def test_answers(service: Service) -> None:
    """The payload has a flower of each species."""
    answers = service.predict(FLOWERS)

    assert [answer.species for answer in answers] == ["setosa", "versicolor", "virginica"]
    assert all(answer.distance >= 0 for answer in answers)


def test_rows_do_not_influence_each_other(service: Service) -> None:
    """A row gets the same answer alone as among others."""
    assert service.predict(FLOWERS) == [
        answer for flower in FLOWERS for answer in service.predict([flower])
    ]


@pytest.mark.parametrize("value", [0, -1, "tall", float("nan")])
def test_wrong_values_are_refused(value: object) -> None:
    """A length is a number above zero."""
    with pytest.raises(ValidationError):
        Flower.model_validate({**dict(FLOWERS[0]), "sepal_length": value})
