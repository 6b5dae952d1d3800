"""Little memory, a model that leaks, and no room to write to."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest

from tests.client import ask
from tests.container.conftest import Image
from tests.container.load import Load
from tests.container.messages import Answer, Request, post, row, send
from tests.container.never_down import Server, serving, wait_until

pytestmark = [
    pytest.mark.docker,
    pytest.mark.parametrize("image", ["generic"], indirect=True),
]

LIMIT: dict[str, Any] = {"mem_limit": "300m", "memswap_limit": "300m"}


def killed_for_memory(server: Server) -> int:
    """Return how many processes the kernel has killed for want of memory."""
    files = "/sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control"
    counts = [
        int(line.split()[1])
        for line in server.run(f"cat {files} 2>/dev/null").splitlines()
        if line.startswith("oom_kill ")
    ]
    assert counts
    return sum(counts)


def test_leaking_model_is_recycled(image: Image) -> None:
    """Between requests: 400 MB leak, in 300, and no client notices."""
    workers = set()

    def leak(number: int) -> Request:
        def is_right(answer: Answer) -> bool:
            workers.add(answer.json["worker"])
            return request.is_right(answer)

        request = row(number, deed="leak", amount=5)
        return Request(request.raw, is_right)

    with serving(image, **LIMIT) as server:
        with Load(server.address, leak, clients=2) as load:
            load.wait_for(80)

        assert load.report.faults == [], server.log
        assert killed_for_memory(server) == 0
    assert len(workers) > 2


def test_memory_limit(image: Image) -> None:
    """Many clients with large batches need little memory."""
    rows = [{"number": number} for number in range(1000)]
    request = Request(post(json.dumps(rows).encode()), lambda answer: len(answer.json) == len(rows))

    with serving(image, **LIMIT) as server, Load(server.address, lambda _: request) as load:
        load.wait_for(200)

        assert killed_for_memory(server) == 0
    assert load.report.faults == []


def test_full_disk(image: Image) -> None:
    """Small requests need no room in /tmp, nor does a new worker; a large one gets an answer."""
    with serving(image, tmpfs={"/tmp": "size=4m"}) as server:
        server.run("cat /dev/zero > /tmp/filler")
        assert " 100% " in server.run("df /tmp")
        with Load(server.address, partial(row, deed="")) as load:
            load.wait_for(200)
            before = server.workers
            server.kill(before.pop())
            wait_until(lambda: len(server.workers - before) == 1, server)
            load.wait_for(200)
            assert ask(server.url, "/ping") == (200, b"")

            large = send(server.address, Request(post(b" " * 3 * 2**20 + b'{"number": 1}'), bool))
            assert large.status == 200 or large.is_error
            load.wait_for(200)
        assert load.report.faults == [], server.log
