"""What the tests of the images share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine import engine
from tests.images import LABEL, Image

__all__ = ["LABEL", "Image"]


@pytest.fixture(autouse=True)
def no_container_stays() -> Iterator[None]:
    """Remove the containers that a test has started."""
    yield
    for container in engine().containers.list(all=True, filters={"label": LABEL}):
        container.remove(force=True)
