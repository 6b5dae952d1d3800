"""What a trainer measures is what a server answers, whatever the model, compiled or not."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mldock import ContainerError
from mldock.evaluation import check_batch_invariance, is_batch_invariant, predict_as_served
from mldock.onnx import CompiledClassifier, compile_model
from mldock.serving import ArrayService
from mldock.sklearn import load_model, most_probable, save_model
from pydantic import BaseModel
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score, r2_score
from sklearn.pipeline import make_pipeline

from tests.mldock.integrations.sklearn import kinds
from tests.mldock.serving import exchange, serve
from tests.mldock.workspace import Workspace

COUNT, SEEN = 900, 600
RANDOM = np.random.default_rng(0)
SECONDS = RANDOM.integers(0, 3000, COUNT)
EVENTS = np.column_stack([1_700_000_000 + SECONDS, RANDOM.random(COUNT)])
PHASES = np.array(["a", "b", "c"])[SECONDS // 1000]
AMOUNTS = SECONDS / 100 + EVENTS[:, 1]
ORDERS = [
    kinds.Order(city=city, size=size, text=f"{word} shirt of {city}")
    for city, size, word in zip(
        RANDOM.choice(["Oslo", "Rome"], COUNT).tolist(),
        RANDOM.random(COUNT).tolist(),
        RANDOM.choice(["good", "bad", "new"], COUNT).tolist(),
        strict=True,
    )
]
SOLD = np.array([("good" in order.text) ^ (order.size > 0.8) for order in ORDERS])


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Return a project without a model."""
    workspace = Workspace(tmp_path / "project")
    yield workspace
    workspace.end()


def serve_answers(workspace: Workspace, service: str, rows: list[Any]) -> list[dict[str, Any]]:
    """Return what a server answers, asked over HTTP."""
    source = Path(kinds.__file__).read_text("utf-8")
    workspace.write("src/prediction.py", f"{source}\n\nService = {service}\n")
    # LightGBM and XGBoost then have threads after `load`, which a forked worker would wait for.
    run = serve(workspace, OMP_NUM_THREADS="2")
    reply = exchange(
        run, "/invocations", json.dumps(rows).encode(), {"Content-Type": "application/json"}
    )
    assert reply.status == 200, (reply, run.log)
    return [row["by_model"] for row in json.loads(reply.body)]


def test_numbers(workspace: Workspace) -> None:
    """Of classifiers and regressors, of one output and of several."""
    folder = workspace.base_dir / "model"
    folder.mkdir()
    two = np.column_stack([AMOUNTS, EVENTS[:, 1]])
    targets = {
        **dict.fromkeys(kinds.CLASSIFIERS, PHASES),
        **dict.fromkeys(kinds.REGRESSORS, AMOUNTS),
        **dict.fromkeys(kinds.SEVERAL, two),
    }
    for name, model in (kinds.CLASSIFIERS | kinds.REGRESSORS | kinds.SEVERAL).items():
        model.fit(EVENTS[:SEEN], targets[name][:SEEN])
        save_model(model, folder / name, EVENTS)
        compile_model(model, folder / name, EVENTS)
    service = kinds.NumberService()
    service.load(folder)

    measured = predict_as_served(service, EVENTS[SEEN:])["by_model"]

    rows = [{"timestamp": int(row[0]), "amount": row[1]} for row in EVENTS[SEEN:]]
    served = serve_answers(workspace, "NumberService", rows)
    compiled = {path.parent.name for path in folder.glob("*/model.onnx")}
    assert compiled == {"tree", "forest", "extra_trees", "boosting", "logistic", "bayes"}
    for name, target in targets.items():
        metric = accuracy_score if name in kinds.CLASSIFIERS else r2_score
        scores = [metric(target[SEEN:], [row[name] for row in rows]) for rows in (measured, served)]
        assert scores[0] == scores[1], name
        assert scores[0] > 0.6, name
    assert measured == served


def test_objects(workspace: Workspace) -> None:
    """Of models of categories and of text."""
    folder = workspace.base_dir / "model"
    folder.mkdir()
    table = kinds.table_of(ORDERS)
    for name, model in kinds.OBJECT_MODELS.items():
        model.fit(table[:SEEN], SOLD[:SEEN])
        save_model(model, folder / name, table)
        compile_model(model, folder / name, table)
    service = kinds.ObjectService()
    service.load(folder)

    measured = predict_as_served(service, ORDERS[SEEN:])["by_model"]

    rows = [order.model_dump() for order in ORDERS[SEEN:]]
    served = serve_answers(workspace, "ObjectService", rows)
    assert measured == served
    assert accuracy_score(SOLD[SEEN:], [row["text"] for row in served]) > 0.6


@pytest.mark.parametrize("is_compiled", [True, False])
def test_large_number(tmp_path: Path, is_compiled: bool) -> None:
    """A number that the template's trees cannot hold is refused with row and field, as by both."""
    prediction = importlib.import_module("prediction")
    data = load_breast_cancer()
    model = make_pipeline(SimpleImputer(), RandomForestClassifier(3, random_state=0))
    model.fit(data.data, data.target_names[data.target])
    directory = tmp_path / prediction.MODEL_DIR
    save_model(model, directory, data.data)
    if is_compiled:
        compile_model(model, directory, data.data)
    service = prediction.Service()
    service.load(tmp_path)
    service.batch_invariant = True
    rows = data.data[:3].copy()
    assert set(predict_as_served(service, rows)["diagnosis"]) == {"malignant"}
    rows[1, 1] = 1e300

    assert isinstance(service.classifier, CompiledClassifier) == is_compiled
    words = r"row 2, mean_texture: 1e\+300 is too large for float32"
    with np.errstate(over="ignore"), pytest.raises(ContainerError, match=words):
        predict_as_served(service, rows)


class Event(BaseModel):
    """A row that float32 cannot hold."""

    timestamp: int
    amount: float | None


class Phase(BaseModel):
    """The answer."""

    phase: str


class Service(ArrayService[Event, Phase]):
    """A service as the template has it."""

    input_type, output_type = Event, Phase

    def load(self, model_dir: Path) -> None:
        """Load a classifier."""
        self.classifier = load_model(model_dir)
        self.batch_invariant = is_batch_invariant(model_dir)

    def predict(self, features: np.ndarray[Any, Any]) -> dict[str, Any]:
        """Answer with the class."""
        best, _ = most_probable(self.classifier.predict_proba(features))
        return {"phase": self.classifier.classes_[best]}


def test_timestamps(tmp_path: Path) -> None:
    """Boosted trees that see 40 seconds in 1.7e9 are served so; in float32 they are refused."""
    seconds = RANDOM.integers(0, 3000, 3000)
    rows = np.column_stack([1_700_000_000 + seconds, RANDOM.random(3000)])
    rows[::7, 1] = np.nan
    phases = np.array(["a", "b", "c"])[seconds // 40 % 3]
    model = HistGradientBoostingClassifier(random_state=0).fit(rows[:2000], phases[:2000])
    save_model(model, tmp_path, rows)
    compile_model(model, tmp_path, rows)
    service = Service()
    service.load(tmp_path)
    service.batch_invariant = check_batch_invariance(service, rows[2000:], tmp_path)

    answers = predict_as_served(service, rows[2000:])

    assert service.batch_invariant
    assert accuracy_score(phases[2000:], answers["phase"]) > 0.8
    assert accuracy_score(phases[2000:], answers["phase"]) == model.score(
        rows[2000:], phases[2000:]
    )

    service.dtype = np.float32
    with pytest.raises(ContainerError, match=r"timestamp: 17000\d+\.0 becomes .* `dtype = np\.flo"):
        predict_as_served(service, rows[2000:])
