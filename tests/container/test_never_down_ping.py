"""`/ping`: not before the model can predict, and then at all times."""

from __future__ import annotations

import json
import time
from http.client import HTTPConnection

import pytest

from tests.client import ask
from tests.container.conftest import Image
from tests.container.load import Load
from tests.container.messages import Answer, Request, percentile, post, row, send
from tests.container.never_down import Server, serving

pytestmark = [
    pytest.mark.docker,
    pytest.mark.parametrize("image", ["generic"], indirect=True),
]

ROWS = 1000


def batch(number: int) -> Request:
    """Ask for many rows, with which the model is busy for some milliseconds."""
    numbers = list(range(number, number + ROWS))
    rows: list[dict[str, object]] = [{"number": number} for number in numbers]
    rows[0] |= {"deed": "think", "amount": 0.005}

    def is_right(answer: Answer) -> bool:
        return answer.status == 200 and [one["number"] for one in answer.json] == numbers

    return Request(post(json.dumps(rows).encode()), is_right)


def ping(server: Server, count: int) -> list[float]:
    """Return the seconds of so many answers of `/ping`, all of which are 200."""
    taken = []
    connection = HTTPConnection(*server.address, timeout=10)
    for _ in range(count):
        time.sleep(0.02)
        start = time.perf_counter()
        connection.request("GET", "/ping")
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"")
        taken.append(time.perf_counter() - start)
    connection.close()
    return taken


def test_ping_during_batches(image: Image) -> None:
    """The aim is an answer within 50 ms, where a processor is free to give it.

    Here clients, nginx and workers share what may be two: half of the answers have to reach it,
    in the best of three rounds, and nearly all must not be much later.
    """
    requests = [batch(ROWS * number) for number in range(8)]
    rounds = []
    with serving(image) as server, Load(server.address, lambda n: requests[n % 8]) as load:
        load.wait_for(64)
        for _ in range(3):
            seconds = ping(server, 40)
            rounds.append((percentile(seconds, 0.5), percentile(seconds, 0.95)))
        load.wait_for(64)

    assert load.report.faults == []
    assert min(half for half, _ in rounds) < 0.05, rounds
    assert min(most for _, most in rounds) < 0.25, rounds


def test_not_ready_before_the_model(image: Image) -> None:
    """503 says why; from the first 200 on, every worker predicts."""
    slow = {"TEST_LOAD_SECONDS": "1"}
    with serving(image, ready=False, environment=slow) as server:
        answers = []
        while (answer := ask(server.url, "/ping"))[0] != 200:
            answers.append(answer)
            time.sleep(0.02)
        predictions = [send(server.address, row(number)) for number in range(20)]

    assert {status for status, _ in answers} <= {None, 503}
    reasons = [json.loads(body)["error"] for status, body in answers if status]
    assert "model is being loaded" in reasons[0]
    assert all("Try again in a moment." in reason for reason in reasons)
    assert [answer.status for answer in predictions] == [200] * 20


def test_model_that_cannot_be_loaded(image: Image) -> None:
    """It ends the container, with the reason in a line."""
    fails = {"TEST_LOAD_FAILS": "1"}
    with serving(image, ready=False, environment=fails) as server:
        code, _ = server.wait_for_end(time.time())
        log = server.log

    assert code == 1, log
    (line,) = (line for line in log.splitlines() if "the weights are missing" in line)
    assert "ERROR" in line
    assert "Traceback" not in log
