"""Several containers that are one job, on a network of their own, as SageMaker starts them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import docker
import pytest
from docker.models.networks import Network

from tests.container.conftest import LABEL, Image
from tests.container.test_lifecycle import TRAINER, finish

pytestmark = pytest.mark.docker

HOSTS = ["algo-1", "algo-2", "algo-3"]

SLOWEST_LAST = f"""{TRAINER}
    host = environment.current_host
    time.sleep(2 * int(host[-1]) - 2)
    (environment.output_data_dir / "metrics").write_text(host)
    (environment.base_dir / "ended").write_text(str(time.time()))
"""


@pytest.fixture
def network() -> Iterator[Network]:
    """Return a network where containers know each other by name."""
    name = f"mldock-test-{uuid.uuid4().hex[:8]}"
    network = docker.from_env().networks.create(name, labels=dict([LABEL.split("=")]))
    yield network
    for container in docker.from_env().containers.list(all=True, filters={"network": name}):
        container.remove(force=True)
    network.remove()


def test_all_wait_for_the_last(image: Image, network: Network, tmp_path: Path) -> None:
    """Each finds the others by name; none ends before the slowest has saved its results."""
    trainer = tmp_path / "trainer.py"
    trainer.write_text(SLOWEST_LAST, encoding="utf-8")
    shared = tmp_path / "shared"
    shared.mkdir()
    engine = docker.from_env()
    containers = []
    for host in HOSTS:
        base_dir = image.make_base_dir(tmp_path / host, channels=False)
        resources = {"current_host": host, "hosts": HOSTS}
        (base_dir / "input" / "config" / "resourceconfig.json").write_text(json.dumps(resources))
        binds = {base_dir: "/opt/ml", shared: "/shared", trainer: "/app/src/trainer.py"}
        container = engine.containers.create(
            image.name,
            "train",
            labels=dict([LABEL.split("=")]),
            volumes={str(path): {"bind": place} for path, place in binds.items()},
            environment={"MLDOCK_OUTPUT_CHANNEL_DATA": "/shared/output"},
        )
        network.connect(container, aliases=[host])
        container.start()
        containers.append(container)

    results = [finish(container) for container in containers]

    assert [code for code, _ in results] == [0, 0, 0], results
    last = max(float((tmp_path / host / "ended").read_text()) for host in HOSTS)
    for container in containers:
        container.reload()
        assert container.attrs["State"]["FinishedAt"] > iso(last)
    for folder, host in zip((".", "algo-2", "algo-3"), HOSTS, strict=True):
        assert (shared / "output" / folder / "metrics").read_text() == host


def iso(moment: float) -> str:
    """Return a moment as Docker writes it."""
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")
