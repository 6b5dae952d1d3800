"""Yours: what the model must answer."""

from __future__ import annotations

import json

import numpy as np
import pytest
from mldock.testing import PROJECT, make_environment
from pydantic import ValidationError

import trainer
from prediction import Service, Tumor

TUMORS = [Tumor(**row) for row in json.loads((PROJECT / "payload.json").read_text("utf-8"))]
FEATURES = np.array([list(dict(tumor).values()) for tumor in TUMORS], dtype=Service.dtype)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """Return the service of a small model."""
    environment = make_environment(tmp_path_factory.mktemp("base"))
    trainer.train(environment, trainer.Hyperparameters(n_estimators=25))
    service = Service()
    service.load(environment.model_dir)
    return service


def test_answers(service: Service) -> None:
    """The first tumor of the payload is malignant, the second benign."""
    answers = service.predict(FEATURES)

    assert answers["diagnosis"].tolist() == ["malignant", "benign"]
    assert all(0.5 <= probability <= 1 for probability in answers["probability"])


def test_rows_do_not_influence_each_other(service: Service) -> None:
    """The training has proved that a row gets the same answer alone as among others."""
    assert service.batch_invariant


@pytest.mark.parametrize("value", [-1, "large", float("nan")])
def test_wrong_values_are_refused(value: object) -> None:
    """A measurement is a number, and not negative."""
    with pytest.raises(ValidationError):
        Tumor.model_validate({**dict(TUMORS[0]), "mean_radius": value})
