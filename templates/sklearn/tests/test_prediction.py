"""Yours: what the model must answer."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from mldock import Environment
from pydantic import ValidationError

import trainer
from prediction import MODEL_DIR, Prediction, Service, Tumor

ROOT = Path(__file__).absolute().parents[1]
TUMORS = [Tumor(**row) for row in json.loads((ROOT / "payload.json").read_text("utf-8"))]
FEATURES = np.array([list(dict(tumor).values()) for tumor in TUMORS], dtype=Service.dtype)


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a small model."""
    environment = Environment(tmp_path_factory.mktemp("base"))
    environment.make_directories()
    environment.channel_dir("training").parent.mkdir(parents=True)
    environment.channel_dir("training").symlink_to(ROOT / "data" / "training")
    trainer.train(environment, trainer.Hyperparameters(n_estimators=25))
    return environment.model_dir


@pytest.fixture
def service(model_dir: Path) -> Service:
    """Return the service of that model."""
    service = Service()
    service.load(model_dir)
    return service


def test_answers(service: Service) -> None:
    """The first tumor of the payload is malignant, the second benign."""
    answers = service.predict(FEATURES)

    assert answers["diagnosis"].tolist() == ["malignant", "benign"]
    assert all(0.5 <= probability <= 1 for probability in answers["probability"])


def test_rows_do_not_influence_each_other(service: Service) -> None:
    """A row gets the same answer alone as among others, so that requests may wait together."""
    together = service.predict(FEATURES)
    alone = [service.predict(FEATURES[[row]]) for row in range(len(FEATURES))]

    assert service.row_independent
    for name, column in together.items():
        assert column.tolist() == [answers[name][0] for answers in alone]


def test_model_without_proof(model_dir: Path, tmp_path: Path) -> None:
    """Requests for a model that comes without the trainer's proof are answered one by one."""
    shutil.copytree(model_dir / MODEL_DIR, tmp_path / MODEL_DIR)
    (tmp_path / MODEL_DIR / "row_independence.json").unlink()
    service = Service()

    service.load(tmp_path)

    assert not service.row_independent


def test_example_is_of_the_data() -> None:
    """The example of each field is that of the first tumor."""
    examples = {name: field.examples for name, field in Tumor.model_fields.items()}

    assert examples == {name: [value] for name, value in dict(TUMORS[0]).items()}


def test_wrong_values_are_refused() -> None:
    """A measurement is a number, and not negative."""
    with pytest.raises(ValidationError):
        Tumor(**{**dict(TUMORS[0]), "mean_radius": -1.0})


def test_answer_is_one_of_two() -> None:
    """There is no third diagnosis."""
    with pytest.raises(ValidationError):
        Prediction.model_validate({"diagnosis": "unclear", "probability": 0.5})
