"""The model, loaded as its user would: the file is named by BENCHMARK_MODEL."""
# Found in the peers' environments only.
# mypy: disable-error-code="import-not-found, import-untyped"

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np


def load() -> Callable[[Any], list[Any]]:
    """Return a function from rows to their labels."""
    path = os.environ["BENCHMARK_MODEL"]
    return load_torch(path) if path.endswith(".pt") else load_sklearn(path)


def load_sklearn(path: str) -> Callable[[Any], list[Any]]:
    """Load an estimator."""
    import joblib

    model = joblib.load(path)

    def predict(rows: Any) -> list[Any]:
        labels: list[Any] = model.predict(np.asarray(rows, dtype=np.float64)).tolist()
        return labels

    return predict


def load_torch(path: str) -> Callable[[Any], list[Any]]:
    """Load a network."""
    import torch

    # One thread for each worker, as there is a worker for each core.
    torch.set_num_threads(1)
    network = torch.load(path, weights_only=False)

    def predict(rows: Any) -> list[Any]:
        with torch.inference_mode():
            scores = network(torch.from_numpy(np.asarray(rows, dtype=np.float32)))
            labels: list[Any] = scores.argmax(dim=1).tolist()
        return labels

    return predict
