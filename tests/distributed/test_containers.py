"""Three containers on a network of their own train one network; tests/journey has the forest."""

from __future__ import annotations

import json

import pytest

from tests.images import Image

pytestmark = pytest.mark.docker


@pytest.mark.parametrize("image", ["pytorch"], indirect=True)
def test_three_containers(image: Image) -> None:
    """All three work, and the first leaves the model where it always lies."""
    result = image.project.nox("train", "--docker", "--hosts", "3", "-p", "epochs", "3")

    assert result.returncode == 0, result.stdout
    assert "device: cpu, processes: 3" in result.stdout
    assert "Traceback" not in result.stdout
    base_dir = image.project.path / ".mldock"
    metrics = json.loads((base_dir / "output" / "data" / "metrics.json").read_text("utf-8"))
    assert metrics["accuracy"] > 0.8
    assert any((base_dir / "model" / "classifier").iterdir())
    for host in ("algo-2", "algo-3"):
        assert not any((base_dir / "hosts" / host / "model").iterdir())
