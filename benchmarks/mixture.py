"""What `soak` asks: each kind of request, with its right answer, and clients that dawdle."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
from collections import Counter
from collections.abc import Callable, Sequence

from tests.container.messages import Answer, Request, post, read_answer, send

Row = dict[str, object]

# Within this time a client that does not go on is given up.
CUT_OFF = 60.0


def catalogue(rows: Sequence[Row], streams: bool) -> dict[str, tuple[int, int, bytes]]:
    """Return the kinds of requests: how often each is sent, its status, and its bytes."""
    # A stream answers one row, always as lines of JSON.
    several, image = (422, 200) if streams else (200, 406)
    many = [rows[number % len(rows)] for number in range(1000)]
    one, batch = json.dumps(rows[0]).encode(), json.dumps(many).encode()
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    large = post(b"", "Expect: 100-continue").replace(b"Length: 0", b"Length: 999999999")
    wrong = json.dumps(dict.fromkeys(rows[0], "wrong")).encode()
    return {
        "one row, JSON": (12, 200, post(one)),
        "one row, CSV": (6, 200, post(csv(rows[:1]), "Content-Type: text/csv")),
        "one row, gzip": (2, 200, post(gzip.compress(one), "Content-Encoding: gzip")),
        "few rows, JSON lines": (2, several, post(lines, "Content-Type: application/jsonlines")),
        "1,000 rows, JSON": (1, several, post(batch)),
        "1,000 rows, CSV": (1, several, post(csv(many), "Content-Type: text/csv")),
        "1,000 rows, gzip": (1, several, post(gzip.compress(batch), "Content-Encoding: gzip")),
        "/ping": (2, 200, b"GET /ping HTTP/1.1\r\nHost: test\r\n\r\n"),
        "broken JSON": (1, 400, post(b'{"')),
        "no such page": (1, 404, b"GET /nowhere HTTP/1.1\r\nHost: test\r\n\r\n"),
        "wrong method": (1, 405, b"DELETE /invocations HTTP/1.1\r\nHost: test\r\n\r\n"),
        "unknown Accept": (1, image, post(one, "Accept: image/png")),
        "too large": (1, 413, large),
        "unknown Content-Type": (1, 415, post(one, "Content-Type: image/png")),
        "wrong row": (1, 422, post(wrong)),
    }


def csv(rows: Sequence[Row]) -> bytes:
    """Return rows of numbers as CSV."""
    return "".join(",".join(map(str, row.values())) + "\n" for row in rows).encode()


def learn(
    address: tuple[str, int],
    rows: Sequence[Row],
    streams: bool,
    counts: Counter[str],
    faults: list[str],
) -> Callable[[int], Request]:
    """Ask each kind once, alone; from then on that answer is the right one."""
    requests: list[Request] = []
    for name, (times, status, raw) in catalogue(rows, streams).items():
        first = send(address, Request(raw, bool))
        if first.status != status or not (status == 200 or first.is_error):
            faults.append(f"{name}: {first.status} {first.body[:200]!r}, not {status}")

        def is_right(answer: Answer, name: str = name, first: Answer = first) -> bool:
            counts[name] += 1
            return (answer.status, answer.body) == (first.status, first.body)

        requests += [Request(raw, is_right)] * times
    # A step that is no divisor brings kinds that stand apart together.
    return lambda number: requests[number * 7 % len(requests)]


class Dawdlers:
    """Clients that send ten bytes a second, or stop in the middle, for as long as the block runs.

    Who sends all gets an answer, and who does not is given up.
    """

    def __init__(
        self, address: tuple[str, int], row: Row, counts: Counter[str], faults: list[str]
    ) -> None:
        self.address = address
        whole = post(json.dumps(row).encode())
        # What they send, at once and then byte by byte.
        self.kinds = {
            "slow request": (b"", whole),
            "endless head": (b"GET /ping HTTP/1.1\r\nEndless: ", b"x" * 2000),
            "unfinished body": (whole[:-5], b""),
            "silent connection": (b"", b""),
        }
        self.counts, self.faults = counts, faults
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self.run()))

    def __enter__(self) -> Dawdlers:
        """Start them."""
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let them go, wherever they are."""
        self.stopping.set()
        self.thread.join()

    async def run(self) -> None:
        """Let four of each kind begin again and again."""
        tasks = [asyncio.create_task(self.dawdle(kind)) for kind in self.kinds for _ in range(4)]
        while not self.stopping.is_set():
            await asyncio.sleep(0.1)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def dawdle(self, kind: str) -> None:
        """Send a request slowly, again and again."""
        while True:
            reader, writer = await asyncio.open_connection(*self.address)
            sending = asyncio.create_task(self.trickle(writer, *self.kinds[kind]))
            try:
                answer = await asyncio.wait_for(read_answer(reader), CUT_OFF)
                status = answer.status
            except (OSError, EOFError):
                status = 0
            except TimeoutError:
                status = -1
            finally:
                sending.cancel()
                writer.close()
            if status not in ((200,) if kind == "slow request" else (0, 408)):
                self.faults.append(f"{kind}: {status or 'no answer'}")
            self.counts[kind] += 1

    async def trickle(self, writer: asyncio.StreamWriter, first: bytes, rest: bytes) -> None:
        """Send something at once, and the rest ten bytes a second."""
        writer.write(first)
        for byte in rest:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.1)
