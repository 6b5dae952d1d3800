"""A model that training has made, and a server of it: both once, as a platform makes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from mldock.testing import Client, make_base_dir, run, serve


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an `/opt/ml` in which a training has succeeded, with data/ as its channels."""
    base_dir = make_base_dir(tmp_path_factory.mktemp("trained"))
    exit_code, job = run("train", base_dir)
    assert exit_code == 0, job.log
    return base_dir


@pytest.fixture(scope="session")
def server(trained: Path) -> Iterator[Client]:
    """Return a client of a server, which must end with 0 on SIGTERM."""
    with serve(trained) as client:
        yield client
