"""A line in the log for each request that was answered, and the metrics."""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
from collections import Counter
from datetime import UTC, datetime
from functools import cache, cached_property

import orjson
from mldock.logs import Formatter
from mldock.serving.messages import Response

log = logging.getLogger("invocations")

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

# Metrics are this late: one by one they would cost a fast model a tenth of its speed. A worker that
# is killed takes the last of them with it.
METRICS_DELAY = 0.05


class RequestLog:
    """Counts and logs the requests of one worker."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        if as_json:
            # The line is the record: a collector of logs reads nothing else.
            handler = logging.StreamHandler()
            handler.setFormatter(Formatter("%(message)s"))
            log.handlers = [handler]
            log.propagate = False

    @cached_property
    def metrics(self) -> Metrics | None:
        """The metrics of this worker, where the server collects them."""
        return Metrics() if os.getenv("PROMETHEUS_MULTIPROC_DIR") else None

    def observe(self, response: Response, seconds: float, request_id: bytes) -> None:
        if self.metrics:
            self.metrics.observe(response, seconds)
        if not log.isEnabledFor(logging.INFO):
            return
        line = {
            "status": response.status,
            "rows": response.rows,
            "milliseconds": round(seconds * 1000, 2),
            "wait_milliseconds": round(response.waited * 1000, 2),
            "bytes": len(response.body),
            "request_id": request_id.decode(),
        }
        if self.as_json:
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            log.info("%s", orjson.dumps({"time": now, **line}).decode())
        else:
            log.info("%s", " ".join(f"{name}={value}" for name, value in line.items()))


class Metrics:
    """Prometheus's metrics, summed over the workers by the process that answers /metrics."""

    def __init__(self) -> None:
        # Reads PROMETHEUS_MULTIPROC_DIR when it is imported.
        import prometheus_client as prometheus

        requests = prometheus.Counter("mldock_requests_total", "Requests to predict.", ["status"])
        self.requests = cache(requests.labels)
        self.rows = prometheus.Counter("mldock_rows_total", "Rows that were answered.")
        self.seconds = prometheus.Histogram(
            "mldock_request_seconds", "Time from request to answer.", buckets=BUCKETS
        )
        self.waited = prometheus.Counter(
            "mldock_wait_seconds_total", "Time that requests waited for others."
        )
        self.answers: list[tuple[int, int, float, float]] = []
        atexit.register(self.flush)

    def observe(self, response: Response, seconds: float) -> None:
        if not self.answers:
            asyncio.get_running_loop().call_later(METRICS_DELAY, self.flush)
        self.answers.append((response.status, response.rows, seconds, response.waited))

    def flush(self) -> None:
        answers, self.answers = self.answers, []
        for status, count in Counter(answer[0] for answer in answers).items():
            self.requests(status).inc(count)
        self.rows.inc(sum(answer[1] for answer in answers))
        self.waited.inc(sum(answer[3] for answer in answers))
        for answer in answers:
            self.seconds.observe(answer[2])
