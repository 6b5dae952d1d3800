"""Training and serving in the container of each template, as each platform does it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from docker.models.containers import Container

from tests.client import ask, free_port, wait_until_ready
from tests.container.conftest import Image

pytestmark = pytest.mark.docker

# What plain Docker and Kubernetes give at their strictest.
STRICT: dict[str, Any] = {
    "user": "4321:0",
    "read_only": True,
    "tmpfs": {"/tmp": ""},
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
}

# A trainer for every template: it declares what their mldock.json sets.
TRAINER = """
import time
from pydantic import BaseModel

class Hyperparameters(BaseModel):
    epochs: int = 1
    n_estimators: int = 1
    test_size: float = 0.5

def train(environment, hyperparameters):
"""

SLOW = f"""{TRAINER}
    print("training", flush=True)
    time.sleep(600)
"""


def finish(container: Container, timeout: int = 300) -> tuple[int, str]:
    """Wait for the end of a container; return its exit code and its output."""
    code = container.wait(timeout=timeout)["StatusCode"]
    return code, container.logs().decode()


def wait_for(container: Container, text: str, timeout: float = 300) -> None:
    """Wait until the output of a container holds a text."""
    deadline = time.monotonic() + timeout
    while text not in container.logs().decode():
        assert time.monotonic() < deadline, container.logs().decode()
        time.sleep(0.1)


def test_sagemaker_trains_as_root(image: Image, tmp_path: Path) -> None:
    """SageMaker runs `train` as root, with text for every hyperparameter and extra files."""
    base_dir = image.make_base_dir(tmp_path)
    config = base_dir / "input" / "config"
    (config / "hyperparameters.json").write_text('{"seed": "3", "sagemaker_job_name": "\\"x\\""}')
    (config / "resourceconfig.json").write_text('{"current_host": "algo-1", "hosts": ["algo-1"]}')
    (config / "inputdataconfig.json").write_text('{"training": {"TrainingInputMode": "File"}}')

    # A launcher that gives no command trains.
    code, log = finish(image.start(None, base_dir))

    assert code == 0, log
    assert '"seed":3' in log
    assert any(path.is_file() for path in (base_dir / "model").rglob("*"))
    assert json.loads((base_dir / "output" / "data" / "metrics.json").read_text())["accuracy"] > 0.8
    assert not (base_dir / "output" / "failure").exists()


def test_any_uid_with_a_read_only_root(image: Image, tmp_path: Path) -> None:
    """No capability, no home, nothing to write to but /tmp and /opt/ml: it trains and serves.

    The model gives the same predictions in the image as without Docker; `docker stop` ends the
    server in order, long before the kill.
    """
    project = image.project
    base_dir = image.make_base_dir(tmp_path)
    for path in [base_dir, *base_dir.rglob("*")]:
        path.chmod(0o777 if path.is_dir() else 0o666)
    code, log = finish(image.start("train", base_dir, **STRICT))
    assert code == 0, log
    assert any(path.stat().st_uid == 4321 for path in (base_dir / "model").rglob("*"))

    result = project.nox("train")
    assert result.returncode == 0, result.stdout
    expected = answers_without_docker(image)
    options = {"ports": {"8080/tcp": ("127.0.0.1", None)}, **STRICT}
    container = image.start("serve", project.path / ".mldock", **options)
    container.reload()
    url = f"http://127.0.0.1:{container.ports['8080/tcp'][0]['HostPort']}"
    # Before it is ready it refuses the connection (None) or says so (503).
    assert wait_until_ready(url, lambda: container.logs().decode()) <= {None, 503}
    payload = (project.path / "payload.json").read_bytes()
    status, body = ask(url, "/invocations", payload, Content_Type="application/json")
    started = time.monotonic()
    container.stop(timeout=300)

    assert status == 200
    for here, there in zip(expected, json.loads(body), strict=True):
        assert there == {
            name: pytest.approx(value, rel=1e-5) if isinstance(value, float) else value
            for name, value in here.items()
        }
    code, log = finish(container)
    assert code == 0, log
    assert time.monotonic() - started < 15


def answers_without_docker(image: Image) -> Any:
    """Return the answers of `nox -s predict` while `nox -s serve` runs without Docker."""
    port = str(free_port())
    with image.project.start("serve", "--port", port) as process:
        wait_until_ready(f"http://127.0.0.1:{port}", lambda: "nox -s serve")
        result = image.project.nox("predict", "payload.json")
        stopped = image.project.nox("stop")
        assert process.wait(timeout=150) == 0
    assert (result.returncode, stopped.returncode) == (0, 0), result.stdout + stopped.stdout
    return next(json.loads(line) for line in result.stdout.splitlines() if line.startswith("[{"))


@pytest.mark.parametrize("image", ["generic"], indirect=True)
def test_stop_ends_training_in_order(image: Image, tmp_path: Path) -> None:
    """`docker stop` in the middle of training: exit code 0, long before the kill."""
    base_dir = image.make_base_dir(tmp_path / "ml")
    trainer = tmp_path / "trainer.py"
    trainer.write_text(SLOW, encoding="utf-8")
    container = image.start("train", base_dir, trainer)
    wait_for(container, "training\n")

    started = time.monotonic()
    container.stop(timeout=300)

    code, log = finish(container)
    assert code == 0, log
    # Less than a trainer gets that does not stop.
    assert time.monotonic() - started < 15
    assert "stopped by SIGTERM" in log
