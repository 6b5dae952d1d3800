"""The contenders: how each of them is started, and how it is asked."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from benchmarks.serving import commands, environments, wire
from benchmarks.serving.commands import BATCH, ROOT, Place, free_port
from benchmarks.serving.wire import Wire


@dataclass(frozen=True)
class Contender:
    """A way to serve a model.

    Attributes:
        name: What the options call it.
        title: What the tables call it.
        environment: Its requirements in `peers/`; none for a generated project, which has its own.
        command: Writes the files that it needs, and returns the command that starts it.
        wire: How it is asked.
        variables: Environment variables that it needs.
        networks: Whether it takes part with the network too.

    """

    name: str
    title: str
    environment: str
    command: Callable[[Place], list[str]]
    wire: Wire
    variables: Mapping[str, str] = field(default_factory=dict)
    networks: bool = False

    def takes(self, model: str) -> bool:
        """Say whether it takes part with a model."""
        return self.networks or model != "network"

    def wire_for(self, model: str) -> Wire:
        """Return how it is asked about a model."""
        return wire.OURS_PIXELS if self.is_project and model == "network" else self.wire

    @property
    def is_project(self) -> bool:
        """Whether it is a generated project."""
        return not self.environment

    def environment_of(self, place: Place) -> dict[str, str]:
        """Return the environment variables that it is started with."""
        variables = environments.variables(place.bin)
        if self.is_project:
            return {
                **variables,
                "MLDOCK_BASE_DIR": str(place.model.project / ".mldock"),
                "MLDOCK_LOGS_LEVEL": "WARNING",
                "SAGEMAKER_BIND_TO_PORT": str(place.port),
                # As in the image.
                "MLDOCK_SERVER_METRICS_PORT": str(free_port()),
            }
        return {
            **variables,
            # Beside the network lies the module of its class.
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(place.model.file.parent)]),
            "BENCHMARK_MODEL": str(place.model.file),
            "BENCHMARK_WORKERS": str(place.workers),
            # A worker for each core: more threads would be in each other's way.
            **{f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")},
            **self.variables,
        }


QUIET_BENTOML = {
    "BENTOML_CONFIG_OPTIONS": "services.logging.access.enabled=false",
    "BENTOML_DO_NOT_TRACK": "True",
}
OURS = Contender("ours", "this repository", "", commands.ours, wire.OURS, networks=True)
# Takes part if --before names a commit.
BEFORE = Contender("before", "an earlier commit", "", commands.ours, wire.OURS, networks=True)
CONTENDERS = (
    OURS,
    BEFORE,
    Contender(
        "uvicorn",
        "hand-written, uvicorn",
        "uvicorn",
        commands.uvicorn("uvicorn_app"),
        wire.HAND_WRITTEN,
        networks=True,
    ),
    Contender(
        "fastapi",
        "FastAPI, pydantic",
        "uvicorn",
        commands.uvicorn("fastapi_app"),
        wire.HAND_WRITTEN,
        networks=True,
    ),
    Contender(
        "bentoml",
        "BentoML",
        "bentoml",
        commands.bentoml("Plain"),
        wire.BENTOML,
        QUIET_BENTOML,
        True,
    ),
    Contender(
        "bentoml-batched",
        "BentoML, batched",
        "bentoml",
        commands.bentoml("Batched"),
        wire.BENTOML,
        QUIET_BENTOML,
        True,
    ),
    Contender("mlserver", "MLServer", "mlserver", commands.mlserver(1), wire.MLSERVER),
    Contender(
        "mlserver-batched", "MLServer, batched", "mlserver", commands.mlserver(BATCH), wire.MLSERVER
    ),
    Contender(
        "litserve", "LitServe", "litserve", commands.litserve(1), wire.LITSERVE, networks=True
    ),
    Contender(
        "litserve-batched",
        "LitServe, batched",
        "litserve",
        commands.litserve(BATCH),
        wire.LITSERVE,
        networks=True,
    ),
    Contender(
        "mlflow", "MLflow", "mlflow", commands.mlflow, wire.MLFLOW, {"UVICORN_ACCESS_LOG": "false"}
    ),
    Contender("classic", "classic own stack", "classic", commands.classic, wire.CLASSIC),
)
