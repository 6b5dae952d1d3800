"""Requests to answers, several at once: decoded, predicted together, split and encoded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mldock.serving.decoding import Decoder
from mldock.serving.encoding import Answers, encode, negotiate, to_columns
from mldock.serving.messages import Request, RequestError, Response, failed
from mldock.serving.service import ArrayService, ModelService
from mldock.serving.validation import Table

# More rows at once save no time, and may not fit into the memory of a device.
ROWS_AT_ONCE = 4096


@dataclass(slots=True)
class Task:
    """A request on its way to its response."""

    request: Request
    accept: str = ""
    table: Table | None = None
    response: Response | None = None

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return len(self.table.rows) if self.table else 0


class Inference:
    """Answers requests with a loaded model."""

    def __init__(
        self, service: ModelService[Any, Any] | ArrayService[Any, Any], decoder: Decoder
    ) -> None:
        self.service = service
        self.decoder = decoder
        self.names = {
            name: field.serialization_alias or name
            for name, field in service.output_type.model_fields.items()
        }

    def answer(self, requests: Sequence[Request]) -> list[Response]:
        """Answer all requests, each with its own response; none fails for another's sake."""
        tasks = [self.parse(request) for request in requests]
        for together in self.groups([task for task in tasks if task.table]):
            self.answer_together(together)
        return [task.response or failed(RuntimeError("no answer")) for task in tasks]

    def parse(self, request: Request) -> Task:
        """Read a request as far as it goes without a look at its rows."""
        task = Task(request)
        try:
            task.accept = negotiate(request.accept, request.content_type)
            task.table = self.decoder.parse(request)
        except Exception as error:
            task.response = respond_to(error)
        return task

    def groups(self, tasks: list[Task]) -> Iterator[list[Task]]:
        """Yield the requests that share a prediction."""
        group: list[Task] = []
        count = 0
        for task in tasks:
            is_full = count + task.rows > ROWS_AT_ONCE or not self.service.batch_invariant
            if group and is_full:
                yield group
                group, count = [], 0
            group.append(task)
            count += task.rows
        if group:
            yield group

    def answer_together(self, tasks: list[Task]) -> None:
        """Answer several requests with one prediction; if that fails, each by itself."""
        tables = [task.table for task in tasks if task.table]
        try:
            columns = self.predict(self.decoder.read(tables))
        except Exception as error:
            self.answer_apart(tasks, error)
            return
        start = 0
        for task in tasks:
            end = start + task.rows
            own = columns if len(tasks) == 1 else cut(columns, start, end)
            start = end
            task.response = self.encode(task, own)

    def answer_apart(self, tasks: list[Task], error: Exception) -> None:
        """Find whose fault a failure is, and answer the others."""
        if len(tasks) == 1:
            tasks[0].response = respond_to(error)
            return
        right = tasks
        if isinstance(error, RequestError):
            right = [task for task in tasks if self.is_right(task)]
        if 0 < len(right) < len(tasks):
            self.answer_together(right)
        else:
            for task in right:
                self.answer_together([task])

    def is_right(self, task: Task) -> bool:
        """Say whether the rows of a request are what the model expects; if not, it is told."""
        try:
            self.decoder.read([task.table] if task.table else [])
        except Exception as error:
            task.response = respond_to(error)
        return task.response is None

    def predict(self, rows: Any) -> Answers:
        """Ask the model, for no more rows at once than it can take."""
        if self.service.batch_invariant and len(rows) > ROWS_AT_ONCE:
            starts = range(0, len(rows), ROWS_AT_ONCE)
            parts = [self.predict(rows[start : start + ROWS_AT_ONCE]) for start in starts]
            return {name: [one for part in parts for one in part[name]] for name in parts[0]}
        columns = to_columns(self.service.predict(rows), self.names)
        for name, values in columns.items():
            if len(values) != len(rows):
                raise ValueError(f"{len(values)} answers ({name}) to {len(rows)} rows")
        return columns

    def encode(self, task: Task, columns: Answers) -> Response:
        """Write the answers to one request."""
        shape = task.table.shape if task.table else "many"
        try:
            return Response(encode(columns, shape, task.accept), task.accept, rows=task.rows)
        except Exception as error:
            return respond_to(error)


def cut(columns: Answers, start: int, end: int) -> Answers:
    """Return some rows of the answers."""
    return {name: values[start:end] for name, values in columns.items()}


def respond_to(error: Exception) -> Response:
    """Return what a client is told of a failure: its own, or the model's."""
    return error.response if isinstance(error, RequestError) else failed(error)
