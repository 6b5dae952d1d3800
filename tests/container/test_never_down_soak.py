"""The short form of `nox -s bench -- soak`, which runs for half an hour."""

from __future__ import annotations

import pytest

from benchmarks.mixture import catalogue
from benchmarks.soak import in_container, rows_of, soak
from tests.container.conftest import Image

pytestmark = [
    pytest.mark.docker,
    pytest.mark.parametrize("image", ["generic"], indirect=True),
]


def test_soak(image: Image) -> None:
    """No unexpected answer, no more memory; clients that dawdle are answered or given up."""
    trained = image.project.nox("train")
    assert trained.returncode == 0, trained.stdout

    with in_container(image) as target:
        result = soak(target, 30)

    assert result.faults == [], "\n".join(result.faults)
    assert not result.grows, result.table
    kinds = {"slow request", "endless head", "unfinished body", "silent connection"}
    assert set(result.counts) == {*catalogue(rows_of(image.project), streams=False), *kinds}
