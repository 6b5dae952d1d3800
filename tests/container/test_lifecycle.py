"""Training and serving in the container, as each platform does it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from docker.models.containers import Container

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

FAILING = f"""{TRAINER}
    raise ValueError("the third column is empty")
"""


def finish(container: Container, timeout: int = 120) -> tuple[int, str]:
    """Wait for the end of a container; return its exit code and its output."""
    code = container.wait(timeout=timeout)["StatusCode"]
    return code, container.logs().decode()


def wait_for(container: Container, text: str, timeout: float = 60) -> None:
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

    code, log = finish(image.start("train", base_dir))

    assert code == 0, log
    assert '"seed":3' in log
    assert any(path.is_file() for path in (base_dir / "model").rglob("*"))
    assert json.loads((base_dir / "output" / "data" / "metrics.json").read_text())["accuracy"] > 0.8
    assert not (base_dir / "output" / "failure").exists()


def test_default_command_is_train(image: Image, tmp_path: Path) -> None:
    """A launcher that gives no command trains."""
    code, log = finish(image.start(None, image.make_base_dir(tmp_path, channels=False)))

    assert code == 1
    assert "There is no channel 'training'" in log


def test_any_uid_trains_with_a_read_only_root(image: Image, tmp_path: Path) -> None:
    """No capability, no home, nothing to write to but /tmp and /opt/ml."""
    base_dir = image.make_base_dir(tmp_path)
    for path in [base_dir, *base_dir.rglob("*")]:
        path.chmod(0o777 if path.is_dir() else 0o666)

    code, log = finish(image.start("train", base_dir, **STRICT))

    assert code == 0, log
    assert any(path.stat().st_uid == 4321 for path in (base_dir / "model").rglob("*"))


def test_failure_is_told(image: Image, tmp_path: Path) -> None:
    """A trainer that raises gives a non-zero exit, and the reason in the first line of failure."""
    base_dir = image.make_base_dir(tmp_path / "ml")
    trainer = tmp_path / "trainer.py"
    trainer.write_text(FAILING, encoding="utf-8")

    code, _ = finish(image.start("train", base_dir, trainer))

    assert code == 1
    failure = (base_dir / "output" / "failure").read_text(encoding="utf-8")
    assert failure.splitlines()[0] == "ValueError: the third column is empty"
    assert "trainer.py" in failure[:1024]


def test_stop_ends_training_in_order(image: Image, tmp_path: Path) -> None:
    """`docker stop` in the middle of training: exit code 0, long before the kill."""
    base_dir = image.make_base_dir(tmp_path / "ml")
    trainer = tmp_path / "trainer.py"
    trainer.write_text(SLOW, encoding="utf-8")
    container = image.start("train", base_dir, trainer)
    wait_for(container, "training\n")

    started = time.monotonic()
    container.stop(timeout=60)

    code, log = finish(container)
    assert code == 0, log
    # Less than a trainer gets that does not stop.
    assert time.monotonic() - started < 15
    assert "stopped by SIGTERM" in log


def test_server_without_a_model_ends_with_the_reason(image: Image) -> None:
    """A model that cannot be loaded ends the container."""
    code, log = finish(image.start("serve", **STRICT))

    assert code == 1
    assert "the model in /opt/ml/model cannot be served" in log
    assert "Traceback" not in log
