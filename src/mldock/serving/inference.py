"""Requests to answers, several at once: decoded, predicted together, split and encoded."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mldock.serving.decoding import Decoder
from mldock.serving.encoding import Answers, encode, negotiate, to_columns
from mldock.serving.messages import Request, RequestError, Response, failed, response_to
from mldock.serving.service import ArrayService, ModelService
from mldock.serving.validation import Table

# More rows at once save no time, and may not fit into the memory of a device.
ROWS_AT_ONCE = 4096

# Requests share a prediction that will take so long, and no longer: the first of them waits for
# the last, and all of them share one time limit.
BATCH_SECONDS = 1.0

NO_ROWS = Table([])


@dataclass(slots=True)
class Task:
    """A request on its way to its response; `index` is its place among those that came with it."""

    index: int
    accept: str = ""
    table: Table = NO_ROWS
    count: int = 0
    response: Response | None = None


class Inference:
    """Answers requests with a loaded model."""

    def __init__(
        self, service: ModelService[Any, Any] | ArrayService[Any, Any], decoder: Decoder
    ) -> None:
        self.service = service
        self.decoder = decoder
        self.row_seconds = 0.0
        self.names = {
            name: field.serialization_alias or name
            for name, field in service.output_type.model_fields.items()
        }

    def answer(self, requests: Sequence[Request]) -> list[Response]:
        """Answer all requests, each with its own response; none fails for another's sake."""
        tasks = sorted(
            (task for step in self.steps(requests) for task in step), key=lambda task: task.index
        )
        return [task.response or failed(RuntimeError("no answer")) for task in tasks]

    def steps(self, requests: Sequence[Request]) -> Iterator[list[Task]]:
        """Answer requests by one prediction a step; yield after each those that have an answer."""
        tasks = [self._parse(index, request) for index, request in enumerate(requests)]
        if refused := [task for task in tasks if task.response]:
            yield refused
        for group in self._groups([task for task in tasks if not task.response]):
            yield from self._predict_batch(group)

    def _parse(self, index: int, request: Request) -> Task:
        """Read a request, but not the values of its rows."""
        try:
            accept = negotiate(request.accept, request.content_type)
            table = self.decoder.parse(request)
        except Exception as error:
            return Task(index, response=response_to(error))
        return Task(index, accept, table, len(table.rows))

    def _groups(self, tasks: list[Task]) -> Iterator[list[Task]]:
        group: list[Task] = []
        count = 0
        for task in tasks:
            if group and count + task.count > self.rows_at_once:
                yield group
                group, count = [], 0
            group.append(task)
            count += task.count
        if group:
            yield group

    @property
    def rows_at_once(self) -> int:
        """How many rows of different requests may share a prediction."""
        if not self.service.batch_invariant:
            return 0
        most = BATCH_SECONDS / self.row_seconds if self.row_seconds else ROWS_AT_ONCE
        return max(1, min(ROWS_AT_ONCE, int(most)))

    def _predict_batch(self, tasks: list[Task]) -> Iterator[list[Task]]:
        """Answer several requests with one prediction; if that fails, each by itself."""
        try:
            columns = self.predict(self.decoder.read([task.table for task in tasks]))
        except Exception as error:
            yield from self._isolate_failures(tasks, error)
            return
        start = 0
        for task in tasks:
            end = start + task.count
            own = {name: values[start:end] for name, values in columns.items()}
            start = end
            try:
                body = encode(own, task.table.shape, task.accept)
                task.response = Response(body, task.accept, rows=task.count)
            except Exception as error:
                task.response = response_to(error)
        yield tasks

    def _isolate_failures(self, tasks: list[Task], error: Exception) -> Iterator[list[Task]]:
        """Find whose fault a failure is, and answer the others."""
        right = tasks
        if len(tasks) == 1:
            tasks[0].response, right = response_to(error), []
        elif isinstance(error, RequestError):
            right = [task for task in tasks if self._validate(task)]
        yield [task for task in tasks if task.response]
        if 0 < len(right) < len(tasks):
            yield from self._predict_batch(right)
        else:
            for task in right:
                yield from self._predict_batch([task])

    def _validate(self, task: Task) -> bool:
        """Return whether the rows of a request are what the model expects; if not, answer it."""
        try:
            self.decoder.read([task.table])
        except Exception as error:
            task.response = response_to(error)
        return task.response is None

    def predict(self, rows: Any) -> Answers:
        """Ask the model, for no more rows at once than it can take."""
        if self.service.batch_invariant and len(rows) > ROWS_AT_ONCE:
            starts = range(0, len(rows), ROWS_AT_ONCE)
            parts = [self.predict(rows[start : start + ROWS_AT_ONCE]) for start in starts]
            return {name: [one for part in parts for one in part[name]] for name in parts[0]}
        start_time = time.perf_counter()
        columns = to_columns(self.service.predict(rows), self.names)
        seconds = (time.perf_counter() - start_time) / len(rows)
        # What was fast once will be again: slow is often only the first time.
        slower = self.row_seconds + 0.2 * (seconds - self.row_seconds)
        self.row_seconds = min(seconds, slower) if self.row_seconds else seconds
        for name, values in columns.items():
            if len(values) != len(rows):
                raise ValueError(f"{len(values)} answers ({name}) to {len(rows)} rows")
        return columns
