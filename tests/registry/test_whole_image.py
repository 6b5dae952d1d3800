"""The image of a project, as it is, goes through a registry and serves."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from tests.client import ask, free_port
from tests.generate.repository import own
from tests.project import generate
from tests.registry.server import LABEL, Registry
from tests.registry.shop import Shop

pytestmark = pytest.mark.docker


def test_fetched_image_serves(registry: Registry, tmp_path: Path) -> None:
    """A colleague who has the commit fetches the image and serves with it."""
    name = f"mldock-test-whole-{LABEL[-8:]}"
    project = generate(tmp_path / name, template="generic")
    shop = Shop(project, own(project.path), tmp_path / "docker", name)
    shop.set(registry=f"{registry.host}/team")
    assert project.nox("train").returncode == 0
    shop.build()
    shop.sign_in(registry)
    code, output = shop.run("push")
    assert code == 0, output
    shop.forget_images()
    code, output = shop.run("pull")
    assert code == 0, output

    port = free_port()
    server = subprocess.Popen(
        project.command("serve", "--docker", "--port", str(port)),
        cwd=project.path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 300
        while ask(f"http://127.0.0.1:{port}", "/ping")[0] != 200:
            assert server.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.2)
        payload = (project.path / "payload.json").read_bytes()
        status, answer = ask(
            f"http://127.0.0.1:{port}", "/invocations", payload, content_type="application/json"
        )
    finally:
        project.nox("stop")
        server.wait(300)

    assert status == 200, answer
