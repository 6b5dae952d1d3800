"""BentoML, without and with adaptive batching."""
# Found in the peer's environment only.
# mypy: disable-error-code="import-not-found, import-untyped, misc, untyped-decorator"

import os
from typing import Any

import bentoml
import numpy as np

from benchmarks.peers.model import load

WORKERS = int(os.environ["BENCHMARK_WORKERS"])


@bentoml.service(workers=WORKERS, name="plain")
class Plain:
    """Predicts for each request."""

    def __init__(self) -> None:
        self.model = load()

    @bentoml.api(route="/predict")
    def predict(self, instances: np.ndarray) -> list[Any]:
        """Answer rows with labels."""
        return self.model(instances)


@bentoml.service(workers=WORKERS, name="batched")
class Batched:
    """Predicts for all requests that wait."""

    def __init__(self) -> None:
        self.model = load()

    # A batch holds at least the rows of the largest request; latency is its default of a minute.
    @bentoml.api(route="/predict", batchable=True, max_batch_size=4096)
    def predict(self, instances: np.ndarray) -> list[Any]:
        """Answer rows with labels."""
        return self.model(instances)
