"""Registries, and a project with a small image to send there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.engine import engine
from tests.registry import server
from tests.registry.server import LABEL, Registry
from tests.registry.shop import Shop, make_shop


@pytest.fixture(scope="session")
def nothing_stays() -> Iterator[None]:
    """Make the image of the registry; remove it in the end, with all that the tests have made."""
    server.build()
    yield
    images = engine().images
    for image in images.list(all=True, filters={"label": LABEL}):
        images.remove(image.id, force=True)


@pytest.fixture(scope="session")
def registry(nothing_stays: None) -> Iterator[Registry]:
    """Return a registry with a password and TLS, at an address that engines take without proof."""
    assert nothing_stays is None
    with server.serving() as found:
        yield found


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory, nothing_stays: None) -> Callable[[str], Shop]:
    """Return what makes a project for a registry."""
    assert nothing_stays is None

    def make_one(host: str) -> Shop:
        return make_shop(tmp_path_factory.mktemp("shop"), f"{host}/team")

    return make_one


@pytest.fixture(scope="session")
def shop(make: Callable[[str], Shop], registry: Registry) -> Shop:
    """Return a project whose image is built, and whose owner is signed in."""
    shop = make(registry.host)
    shop.build()
    shop.sign_in(registry)
    return shop
