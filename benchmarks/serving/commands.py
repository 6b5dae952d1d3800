"""What starts each contender: the files that it needs, and a command."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.serving.environments import PEERS
from benchmarks.serving.models import Model

ROOT = PEERS.parents[1]
# How long peers wait for a batch, in seconds, and how many requests it holds.
WINDOW = 0.002
BATCH = 64


@dataclass(frozen=True)
class Place:
    """Where a contender runs.

    Attributes:
        model: What it serves.
        bin: The executables of its environment.
        folder: Its own folder for files, kept from start to start.
        port: Where it listens.
        workers: The number of its processes that predict.

    """

    model: Model
    bin: Path
    folder: Path
    port: int
    workers: int


def ours(place: Place) -> list[str]:
    """Start the whole stack, with nginx, as the image does."""
    return [str(place.model.project / "src/container/executor.sh"), "serve"]


def uvicorn(application: str) -> Callable[[Place], list[str]]:
    """Start an application on uvicorn's fastest settings."""

    def command(place: Place) -> list[str]:
        options = ["--port", str(place.port), "--workers", str(place.workers)]
        options += ["--loop", "uvloop", "--http", "httptools"]
        options += ["--no-access-log", "--log-level", "warning"]
        return [str(place.bin / "uvicorn"), f"benchmarks.peers.{application}:app", *options]

    return command


def bentoml(service: str) -> Callable[[Place], list[str]]:
    """Start one of the services of bentoml_app.py."""

    def command(place: Place) -> list[str]:
        target = f"benchmarks.peers.bentoml_app:{service}"
        options = ["--host", "127.0.0.1", "--port", str(place.port), "--working-dir", str(ROOT)]
        return [str(place.bin / "bentoml"), "serve", target, *options]

    return command


def litserve(batch: int) -> Callable[[Place], list[str]]:
    """Start litserve_app.py."""

    def command(place: Place) -> list[str]:
        numbers = [str(number) for number in (place.port, place.workers, batch)]
        return [str(place.bin / "python"), "-m", "benchmarks.peers.litserve_app", *numbers]

    return command


def mlserver(batch: int) -> Callable[[Place], list[str]]:
    """Configure MLServer with its own runtime for scikit-learn; it needs no code."""

    def command(place: Place) -> list[str]:
        settings = {
            "host": "127.0.0.1",
            "http_port": place.port,
            "grpc_port": free_port(),
            "metrics_port": free_port(),
            "parallel_workers": place.workers,
            "debug": False,
        }
        model: dict[str, object] = {
            "name": "model",
            "implementation": "mlserver_sklearn.SKLearnModel",
            "parameters": {"uri": str(place.model.file)},
        }
        if batch > 1:
            model |= {"max_batch_size": batch, "max_batch_time": WINDOW}
        (place.folder / "settings.json").write_text(json.dumps(settings))
        (place.folder / "model-settings.json").write_text(json.dumps(model))
        return [str(place.bin / "mlserver"), "start", str(place.folder)]

    return command


def mlflow(place: Place) -> list[str]:
    """Save the estimator as MLflow does, once, and serve it."""
    saved = place.folder / "saved"
    if not saved.exists():
        script = str(PEERS / "mlflow_model.py")
        convert = [str(place.bin / "python"), script, str(place.model.file), str(saved)]
        done = subprocess.run(convert, cwd=place.folder, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"the model cannot be saved: {done.stderr.strip()[-1500:]}")
    options = ["--env-manager", "local", "--host", "127.0.0.1", "--port", str(place.port)]
    command = [str(place.bin / "mlflow"), "models", "serve", "--model-uri", str(saved)]
    return [*command, *options, "--workers", str(place.workers)]


def classic(place: Place) -> list[str]:
    """Start nginx, and gunicorn behind a socket."""
    text = (PEERS / "classic.conf").read_text("utf-8").replace("@PORT@", str(place.port))
    # As root, nginx would give its workers to a user who cannot read the folder.
    text = text.replace("@USER@", "user root;" if os.geteuid() == 0 else "")
    (place.folder / "nginx.conf").write_text(text, encoding="utf-8")
    nginx = f"nginx -e stderr -p '{place.folder}' -c nginx.conf"
    options = f"--workers {place.workers} --bind unix:gunicorn.sock --no-control-socket"
    gunicorn = f"gunicorn {options} --log-level warning benchmarks.peers.classic_app:app"
    return ["sh", "-c", f"{nginx} & exec {gunicorn}"]


def free_port() -> int:
    """Return a port where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
