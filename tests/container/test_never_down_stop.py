"""SIGTERM while clients ask: each request is answered, and the container ends in order."""

from __future__ import annotations

import time
from functools import partial

import pytest

from tests.container.conftest import Image
from tests.container.load import Load
from tests.container.messages import row
from tests.container.never_down import serving

pytestmark = [
    pytest.mark.docker,
    pytest.mark.parametrize("image", ["generic"], indirect=True),
]


@pytest.mark.parametrize("seconds", [0, 0.5])
def test_stop_costs_no_request(image: Image, seconds: float) -> None:
    """Each client is told, with a right answer, that its connection ends; none is just cut."""
    deed = "sleep" if seconds else ""
    make = partial(row, deed=deed, amount=seconds)
    with serving(image) as server:
        with Load(server.address, make, 4 if seconds else 64, reconnect=False) as load:
            load.wait_for(4 if seconds else 1000)
            now = time.time()
            server.container.kill("SIGTERM")
            code, took = server.wait_for_end(now)

        assert code == 0, server.log
        assert took < 10
        assert load.report.faults == [], server.log
    assert load.report.told_to_close == load.clients


def test_stop_with_clients_that_come_back(image: Image) -> None:
    """While it stops, a new connection is answered or not taken."""
    with serving(image) as server, Load(server.address) as load:
        load.wait_for(1000)
        now = time.time()
        server.container.kill("SIGTERM")
        code, took = server.wait_for_end(now)

        assert code == 0, server.log
        assert took < 10
    assert (load.report.failures, load.report.wrong) == ([], [])
    assert load.report.told_to_close >= load.clients
