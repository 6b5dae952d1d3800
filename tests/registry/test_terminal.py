"""On a terminal a push is one bar that stays in its place."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess

import pytest

from tests.registry.shop import Shop

pytestmark = pytest.mark.docker


def test_bar(shop: Shop) -> None:
    """The bar counts bytes and layers, is drawn over itself, and is gone in the end."""
    reader, writer = pty.openpty()
    process = subprocess.Popen(
        shop.project.command("push", "--tag", "terminal"),
        cwd=shop.project.path,
        env={**os.environ, "DOCKER_CONFIG": str(shop.configuration), "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
        stdout=writer,
        stderr=writer,
    )
    os.close(writer)
    shown = b""
    # Reading from a terminal that nobody writes to any more is an error.
    with contextlib.suppress(OSError):
        while part := os.read(reader, 65536):
            shown += part
    os.close(reader)
    output = shown.decode()

    assert process.wait(300) == 0, output
    lines = output.split("\n")
    drawn = [part for line in lines for part in line.split("\r") if part.startswith("Sending: ")]
    assert any("4 of 4 layers" in part for part in drawn), output
    assert all(len(part) < 100 for part in drawn)
    # Each drawing is followed by another in its place, or by nothing.
    assert not any(line.rstrip("\r").split("\r")[-1].startswith("Sending") for line in lines)
    assert "layer already exists" not in output
    assert f"{shop.name}@sha256:" in output
