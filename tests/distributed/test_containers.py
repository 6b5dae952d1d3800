"""Three containers on a network of their own train one network; tests/journey has the forest."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.engine import engine
from tests.images import LABEL, Image

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


# Takes the addresses of IPv4 away, as a cluster without them would, and trains.
WITHOUT_IPV4 = """
import fcntl, os, pathlib, socket, struct
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
    set_address = 0x8916
    fcntl.ioctl(line, set_address, struct.pack("16sH2x4s8x", b"eth0", socket.AF_INET, bytes(4)))
table = pathlib.Path("/etc/hosts")
lines = table.read_text().splitlines(keepends=True)
table.write_text("".join(line for line in lines if ":" in line or line.startswith("127.")))
os.execv("/app/src/container/executor.sh", ["executor.sh", "train"])
"""


@pytest.mark.parametrize("image", ["sklearn", "pytorch"], indirect=True)
def test_ipv6_alone(image: Image, tmp_path: Path) -> None:
    """Two hosts that have no address of IPv4 train one model."""
    network = f"mldock-test-{LABEL[-8:]}"
    prefix = f"fd00:{LABEL[-4:]}:{LABEL[-8:-4]}:"
    docker = ["docker", "network", "create", "--ipv6", "--subnet", f"{prefix}:/64"]
    subprocess.run([*docker, "--label", LABEL, network], check=True)
    addresses = [f"{prefix}:10", f"{prefix}:11"]
    variables = {"MLDOCK_HOSTS": ",".join(addresses), "MLDOCK_JOIN_TIMEOUT": "120"}
    if image.template == "pytorch":
        variables["MLDOCK_HYPERPARAMETERS"] = '{"epochs": 1}'
    try:
        for index, address in enumerate(addresses):
            base_dir = image.make_base_dir(tmp_path / str(index))
            told = {**variables, "MLDOCK_HOST_INDEX": str(index)}
            options = [f"--env={name}={value}" for name, value in told.items()]
            options += [f"--network={network}", f"--ip6={address}", "--cap-add=NET_ADMIN"]
            options += [f"--volume={base_dir}:/opt/ml", f"--label={LABEL}", "--entrypoint=tini"]
            command = ["--", "python", "-c", WITHOUT_IPV4]
            subprocess.run(
                ["docker", "run", "--detach", *options, image.name, *command], check=True
            )

        hosts = engine().containers.list(all=True, filters={"label": LABEL, "network": network})
        codes = [host.wait(timeout=400)["StatusCode"] for host in hosts]
        logs = [host.logs().decode() for host in hosts]
    finally:
        for host in engine().containers.list(all=True, filters={"network": network}):
            host.remove(force=True)
        engine().networks.get(network).remove()

    assert codes == [0, 0], "\n".join(logs)
    assert any((tmp_path / "0" / "model" / "classifier").iterdir())
