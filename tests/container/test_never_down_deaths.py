"""Each process of the server killed, or hanging, while clients ask."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.container.conftest import Image
from tests.container.load import Load
from tests.container.messages import row, send
from tests.container.never_down import Server, serving, wait_until

pytestmark = [
    pytest.mark.docker,
    pytest.mark.parametrize("image", ["generic"], indirect=True),
]


def kill_a_worker(server: Server) -> None:
    """Kill one, and wait for the one that replaces it."""
    others = server.workers
    server.kill(others.pop())
    wait_until(lambda: len(server.workers - others) == 1, server)


def test_killed_worker_costs_no_request(image: Image) -> None:
    """What was in flight on it is asked again of another one, and there are soon two again."""
    with serving(image) as server:
        with Load(server.address) as load:
            for _ in range(3):
                load.wait_for(300)
                kill_a_worker(server)
            load.wait_for(300)

        assert load.report.faults == [], server.log


def test_killed_worker_of_nginx_is_replaced(image: Image) -> None:
    """It holds the connections of the clients: they lose them once, and are answered again."""
    with serving(image) as server, Load(server.address) as load:
        load.wait_for(300)
        workers, victim = server.workers, server.process("nginx's worker")
        server.kill(victim)
        wait_until(lambda: server.process("nginx's worker") != victim, server)
        load.wait_for(1000)

        assert server.workers == workers
    assert len(load.report.failures) + load.report.refused <= load.clients
    assert load.report.wrong == []


@pytest.mark.parametrize("name", ["gunicorn", "nginx", "supervisor"])
def test_death_of_a_master_ends_the_container(image: Image, name: str) -> None:
    """At once, with clients in the line, and not as a success: the platform starts a new one."""
    with serving(image) as server, Load(server.address, reconnect=False) as load:
        load.wait_for(300)
        code, seconds = server.wait_for_end(server.kill(server.process(name)))

        assert code == (137 if name == "supervisor" else 1), server.log
        assert seconds < 2, server.log
        assert name == "supervisor" or f"{name} ended by itself" in server.log


def test_hanging_worker_is_replaced(image: Image) -> None:
    """Its client is told; the others go on; nobody waits in vain."""
    timeout = {"MLDOCK_SERVER_TIMEOUT": "2"}
    with (
        serving(image, environment=timeout) as server,
        Load(server.address, clients=16) as load,
        ThreadPoolExecutor(1) as client,
    ):
        load.wait_for(300)
        before, start, pauses = server.workers, time.monotonic(), [0.0]
        hanging = client.submit(send, server.address, row(0, deed="sleep", amount=3600))
        while not hanging.done():
            asked = time.monotonic()
            load.wait_for(1)
            pauses.append(time.monotonic() - asked)
        took = time.monotonic() - start
        wait_until(lambda: len(server.workers - before) == 1, server)
        load.wait_for(300)

        answer = hanging.result()
        assert (answer.status in (500, 502, 504), answer.is_error) == (True, True), answer
        assert 1.5 < took < 8
        assert max(pauses) < 1.5
    assert load.report.failures == []
    # Those that waited behind it may get an error: one each, told as such.
    assert len(load.report.wrong) <= load.clients
    assert all(answer.is_error for answer in load.report.wrong)
