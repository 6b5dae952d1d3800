"""The products: how each serves its typed model, and how it is asked about flowers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.serving import environments
from benchmarks.serving.commands import free_port

TYPED = Path(__file__).with_name("typed")
FIELDS = ("sepal_length", "sepal_width", "petal_length", "petal_width")
WORKERS = 2
Flower = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """Where a product runs: its executables, its folder, its port, the project and the model."""

    bin: Path
    folder: Path
    port: int
    project: Path
    model: Path


@dataclass(frozen=True)
class Product:
    """A way to serve the typed model.

    Attributes:
        title: What the table calls it.
        environment: Its requirements in `peers/`; none for a generated project, which has its own.
        file: What a person writes, in `typed/`.
        command: Writes the files that it needs, and returns the command that starts it.
        path: Where requests are sent.
        encode: Makes the body of a request.
        clients: How many it is asked by at the same time.
        variables: Environment variables that it needs.
        checks: Whether it checks requests as it runs here.

    """

    title: str
    environment: str
    file: str
    command: Callable[[Place], list[str]]
    path: str
    encode: Callable[[Sequence[Flower]], Any]
    clients: int = 8
    variables: Mapping[str, str] = field(default_factory=dict)
    checks: bool = True

    def environment_of(self, place: Place) -> dict[str, str]:
        """Return the environment variables that it is started with."""
        return {
            **environments.variables(place.bin),
            "PYTHONPATH": str(TYPED) if self.environment else "",
            "BENCHMARK_MODEL": str(place.model),
            "PORT": str(place.port),
            "MLDOCK_BASE_DIR": str(place.project / ".mldock"),
            "MLDOCK_LOGS_LEVEL": "WARNING",
            "SAGEMAKER_BIND_TO_PORT": str(place.port),
            "MLDOCK_SERVER_METRICS_PORT": str(free_port()),
            **self.variables,
        }


def train(executables: Path, file: Path) -> Path:
    """Return a model of irises, fitted in one environment for all of them."""
    if not file.exists():
        command = [str(executables / "python"), str(TYPED / "train.py"), str(file)]
        subprocess.run(command, check=True)
    return file


def ours(place: Place) -> list[str]:
    """Put the typed model into the generated project, and serve it as the image does."""
    shutil.copy(TYPED / "ours.py", place.project / "src/prediction.py")
    shutil.copy(place.model, place.project / ".mldock/model/model.joblib")
    return [str(place.project / "src/container/executor.sh"), "serve"]


def fastapi(place: Place) -> list[str]:
    """Start uvicorn with its own supervisor."""
    options = ["--port", str(place.port), "--workers", str(WORKERS), "--log-level", "warning"]
    return [str(place.bin / "uvicorn"), "fastapi_app:app", *options]


def bentoml(place: Place) -> list[str]:
    """Start the service."""
    options = ["--host", "127.0.0.1", "--port", str(place.port), "--working-dir", str(TYPED)]
    return [str(place.bin / "bentoml"), "serve", "bentoml_app:Flowers", *options]


def cog(place: Place) -> list[str]:
    """Start the server that is the command of Cog's images."""
    shutil.copy(TYPED / "cog_app.py", place.folder)
    return [str(place.bin / "python"), "-m", "cog.server.http", "--host", "127.0.0.1"]


def mlflow(place: Place) -> list[str]:
    """Save the model, once, and serve it."""
    saved = place.folder / "saved"
    if not saved.exists():
        variables = {**os.environ, "BENCHMARK_MODEL": str(place.model)}
        convert = [str(place.bin / "python"), str(TYPED / "mlflow_app.py"), str(saved)]
        subprocess.run(convert, cwd=place.folder, env=variables, check=True, capture_output=True)
    options = ["--env-manager", "local", "--host", "127.0.0.1", "--port", str(place.port)]
    command = [str(place.bin / "mlflow"), "models", "serve", "--model-uri", str(saved)]
    return [*command, *options, "--workers", str(WORKERS)]


def mlserver(place: Place) -> list[str]:
    """Configure MLServer with the typed runtime."""
    settings = {
        "host": "127.0.0.1",
        "http_port": place.port,
        "grpc_port": free_port(),
        "metrics_port": free_port(),
        "parallel_workers": WORKERS,
        "debug": False,
    }
    parameters = {"uri": str(place.model)}
    model = {"name": "model", "implementation": "mlserver_app.Flowers", "parameters": parameters}
    (place.folder / "settings.json").write_text(json.dumps(settings))
    (place.folder / "model-settings.json").write_text(json.dumps(model))
    return [str(place.bin / "mlserver"), "start", str(place.folder)]


def tensors(flowers: Sequence[Flower]) -> dict[str, Any]:
    """Write the Open Inference Protocol, version 2: a tensor for each column."""
    columns = [
        {
            "name": name,
            "shape": [len(flowers), 1],
            "datatype": "FP64",
            "data": [flower[name] for flower in flowers if name in flower],
        }
        for name in FIELDS
    ]
    return {"inputs": columns, "parameters": {"content_type": "pd"}}


def instances(flowers: Sequence[Flower]) -> dict[str, Any]:
    """Write rows below the word that most products use."""
    return {"instances": list(flowers)}


PRODUCTS = (
    Product("this repository", "", "ours.py", ours, "/invocations", instances),
    Product(
        "BentoML",
        "bentoml",
        "bentoml_app.py",
        bentoml,
        "/predict",
        instances,
        variables={"BENTOML_DO_NOT_TRACK": "True"},
    ),
    # It answers one request at a time, and refuses another with 409. What it checks requests by is
    # a schema that `cog build` puts into the image.
    Product(
        "Cog",
        "cog",
        "cog_app.py",
        cog,
        "/predictions",
        lambda flowers: {"input": flowers[-1]},
        clients=1,
        variables={"COG_PREDICT_TYPE_STUB": "cog_app.py:Predictor", "COG_LOG_LEVEL": "warning"},
        checks=False,
    ),
    Product(
        "MLflow",
        "mlflow",
        "mlflow_app.py",
        mlflow,
        "/invocations",
        lambda flowers: {"inputs": list(flowers)},
    ),
    Product("MLServer", "mlserver", "mlserver_app.py", mlserver, "/v2/models/model/infer", tensors),
    Product("FastAPI", "uvicorn", "fastapi_app.py", fastapi, "/predict", instances),
)
