"""A visit: a contender is started, asked for the right answers, measured and stopped."""

from __future__ import annotations

import http.client
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from benchmarks.serving.commands import Place
from benchmarks.serving.contenders import Contender
from benchmarks.serving.load import Shape, send, write_bodies
from benchmarks.serving.process import Server, running
from benchmarks.serving.wire import Rows, Wire

WARM_UP = 1.0


@dataclass(frozen=True)
class Measurement:
    """One shape of one visit; `cpu`, `p50` and `p99` are milliseconds, `cpu` of each request."""

    shape: str
    rate: float
    cpu: float
    p50: float
    p99: float
    errors: int


@dataclass(frozen=True)
class Visit:
    """One run of a contender.

    Attributes:
        model: The model that it served.
        contender: Its name.
        round: The number of the round.
        ready: Seconds from its start to its first answer.
        memory: Bytes that all of its processes held after the load (PSS).
        wrong: How many labels were not those of the estimator itself.
        measurements: The shapes.

    """

    model: str
    contender: str
    round: int
    ready: float
    memory: int
    wrong: int
    measurements: list[Measurement]


def visit(
    contender: Contender, place: Place, shapes: Sequence[Shape], number: int, seconds: float
) -> Visit:
    """Run a contender once.

    Raises:
        RuntimeError: It did not start, with the reason.

    """
    model, wire = place.model, contender.wire_for(place.model.name)
    place.folder.mkdir(parents=True, exist_ok=True)
    command = contender.command(place)
    with running(command, contender.environment_of(place), place.folder) as server:
        ready = server.wait_until_ready(partial(ask, wire, place.port, model.singles[:1]))
        wrong = count_wrong(wire, place)
        measurements = [
            measure(server, wire, place, shape, seconds) for shape in shapes if not wrong
        ]
        memory = server.memory()
    return Visit(model.name, contender.name, number, ready, memory, wrong, measurements)


def ask(wire: Wire, port: int, rows: Rows) -> list[str]:
    """Send one request and return the labels of the answer.

    Raises:
        OSError: There is no answer, or one that is no 200.

    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        headers = {"Content-Type": wire.content_type}
        connection.request("POST", wire.path, wire.encode(rows), headers)
        response = connection.getresponse()
        body = response.read()
    except http.client.HTTPException as error:
        raise ConnectionError(f"{wire.path}: {error!r}") from error
    finally:
        connection.close()
    if response.status != 200:
        raise ConnectionError(f"{wire.path}: {response.status} {body[:300]!r}")
    return wire.decode(body)


def count_wrong(wire: Wire, place: Place) -> int:
    """Ask for all rows, one at a time but all at the same time, and then at once."""
    model = place.model
    with ThreadPoolExecutor(len(model.singles)) as pool:
        answers = pool.map(lambda row: ask(wire, place.port, [row]), model.singles)
        singles = [label for labels in answers for label in labels]
    batch = ask(wire, place.port, model.batch)
    given, wanted = [*singles, *batch], [*model.labels[: len(model.singles)], *model.labels]
    differing = sum(one != other for one, other in zip(given, wanted, strict=False))
    return differing + abs(len(given) - len(wanted))


def measure(server: Server, wire: Wire, place: Place, shape: Shape, seconds: float) -> Measurement:
    """Warm up, and measure one shape."""
    model = place.model
    requests = [[row] for row in model.singles] if shape.rows == 1 else [model.batch]
    bodies = [wire.encode(rows) for rows in requests]
    folder = write_bodies(place.folder / f"bodies-{shape.rows}", bodies)
    url = f"http://127.0.0.1:{place.port}{wire.path}"
    warm = send(url, folder, wire.content_type, shape, WARM_UP)
    before = server.cpu_seconds()
    load = send(url, folder, wire.content_type, shape, seconds)
    cpu = (server.cpu_seconds() - before) * 1000 / max(load.requests, 1)
    rate = load.requests / load.seconds
    # Who answers nothing at all has failed too.
    errors = warm.errors + load.errors + (not load.requests)
    return Measurement(shape.name, rate, cpu, load.p50, load.p99, errors)
