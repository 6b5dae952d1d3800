"""A push outlives cuts, and sends what has arrived no second time."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator

import pytest

from tests.registry import server
from tests.registry.server import Registry
from tests.registry.shop import LAYERS, Shop
from tests.registry.wire import Wire, wire

pytestmark = pytest.mark.docker

SIZE = sum(LAYERS.values())


@pytest.fixture(scope="module")
def plain(nothing_stays: None) -> Iterator[Registry]:
    """Return a registry whose requests can be read on their way."""
    assert nothing_stays is None
    with server.serving(encrypted=False) as found:
        yield found


def shop_behind(line: Wire, plain: Registry, make: Callable[[str], Shop]) -> Shop:
    """Return a project that knows the registry by the address of the line."""
    shop = make(f"127.0.0.1:{line.port}")
    shop.build()
    shop.sign_in(Registry(plain.container, plain.address, line.port, False, plain.password))
    return shop


def test_cut_after_the_layers(plain: Registry, make: Callable[[str], Shop]) -> None:
    """The manifest, which the engine itself sends once, is sent again; the layers are not."""
    left = iter(range(2))

    def cuts(data: bytes) -> bool:
        return data.startswith(b"PUT ") and b"/manifests/" in data and next(left, None) is not None

    with wire(plain.port, cuts) as line:
        shop = shop_behind(line, plain, make)
        code, output = shop.run("push")

    assert code == 0, output
    assert line.breaks == 2
    assert f"The line to 127.0.0.1:{line.port} was cut (" in output
    assert "In 2 s again; layers that are there are not sent again." in output
    assert SIZE < line.sent < SIZE * 1.1
    assert set(plain.tags(f"team/{shop.name}")) == {shop.unique_tag(), "latest"}


def test_registry_dies_and_comes_back(plain: Registry, make: Callable[[str], Shop]) -> None:
    """A registry that ends amid a layer and starts again has the image in the end."""
    died = threading.Event()

    def cuts(_: bytes) -> bool:
        if line.sent < SIZE * 0.6 or died.is_set():
            return False
        died.set()
        plain.container.kill()
        threading.Thread(target=plain.container.start).start()
        return True

    with wire(plain.port, cuts) as line:
        shop = shop_behind(line, plain, make)
        code, output = shop.run("push")

    assert code == 0, output
    assert line.breaks == 1
    assert ": cut; retrying in" in output
    # The smaller layers had arrived, and the large one is sent once more.
    assert line.sent < SIZE * 2
    plain.wait()
    assert set(plain.tags(f"team/{shop.name}")) == {shop.unique_tag(), "latest"}


def test_cut_for_good(plain: Registry, make: Callable[[str], Shop]) -> None:
    """After some tries the push gives up, with one line that says what to look at."""
    tries = itertools.count()

    def cuts(data: bytes) -> bool:
        return data.startswith(b"PUT ") and b"/manifests/" in data and next(tries) >= 0

    with wire(plain.port, cuts) as line:
        shop = shop_behind(line, plain, make)
        code, output = shop.run("push")

    assert code == 1
    assert output.count("was cut (") == 3
    assert f"Nothing, or only half an answer, comes from 127.0.0.1:{line.port}." in output
    assert line.sent < SIZE * 1.1


def refusal(status: str, code: str, message: str) -> bytes:
    """Return an answer of a registry that refuses a request."""
    body = json.dumps({"errors": [{"code": code, "message": message}]})
    head = "Content-Type: application/json\r\nConnection: close\r\nContent-Length: "
    return f"HTTP/1.1 {status}\r\n{head}{len(body)}\r\n\r\n{body}".encode()


def test_tag_that_does_not_move(plain: Registry, make: Callable[[str], Shop]) -> None:
    """Where tags are immutable the image is there under its own, and that is success."""
    answer = refusal(
        "400 Bad Request",
        "TAG_INVALID",
        "The image tag 'latest' already exists in the 'team/shop' repository and cannot be "
        "overwritten because the repository is immutable.",
    )

    def cuts(data: bytes) -> bool:
        return data.startswith(b"PUT ") and b"/manifests/latest " in data

    with wire(plain.port, cuts, answer) as line:
        shop = shop_behind(line, plain, make)
        code, output = shop.run("push")

    assert code == 0, output
    assert f"{shop.name}:latest was not moved: tags are immutable there." in output
    assert f"{shop.name}@sha256:" in output
    assert set(plain.tags(f"team/{shop.name}")) == {shop.unique_tag()}


def test_no_repository(plain: Registry, make: Callable[[str], Shop]) -> None:
    """A registry that wants repositories to be made first says so when the first layer comes."""
    answer = refusal(
        "404 Not Found",
        "NAME_UNKNOWN",
        "The repository with name 'team/shop' does not exist in the registry",
    )

    def cuts(data: bytes) -> bool:
        return data.startswith(b"POST ") and b"/blobs/uploads/" in data

    with wire(plain.port, cuts, answer) as line:
        shop = shop_behind(line, plain, make)
        code, output = shop.run("push")

    assert code == 1
    repository = f"127.0.0.1:{line.port}/team/{shop.name}"
    assert f"127.0.0.1:{line.port} has no repository {repository}. Create the" in output
