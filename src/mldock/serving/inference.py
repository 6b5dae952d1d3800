"""Requests to answers, several at once: decoded, predicted together, split and encoded."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mldock.serving.decoding import Decoder
from mldock.serving.encoding import Answers, encode, negotiate, to_columns
from mldock.serving.messages import Request, RequestError, Response, response_to
from mldock.serving.service import ArrayService, ModelService
from mldock.serving.validation import Table

# More rows at once save no time, and may not fit into the memory of a device.
ROWS_AT_ONCE = 4096

# Requests share a prediction that will take so long, and no longer: the first of them waits for
# the last, and all of them share one time limit.
BATCH_SECONDS = 1.0

NO_ROWS = Table([])


@dataclass(slots=True, eq=False)
class Task:
    """A request on its way to its response; `is_alone` if it must share no prediction."""

    request: Request
    accept: str = ""
    table: Table = NO_ROWS
    is_alone: bool = False
    response: Response | None = None


class Inference:
    """Answers requests with a loaded model.

    Attributes:
        at_work: The requests that are being read or predicted.
        seconds: What reading rows, predicting them and writing the answers takes, on average.
        row_seconds: What the model takes for a row.

    """

    def __init__(
        self, service: ModelService[Any, Any] | ArrayService[Any, Any], decoder: Decoder
    ) -> None:
        self.service = service
        self.decoder = decoder
        self.at_work: Sequence[Task] = ()
        self.seconds = 0.0
        self.row_seconds = 0.0
        self.names = {
            name: field.serialization_alias or name
            for name, field in service.output_type.model_fields.items()
        }

    def answer(self, requests: Sequence[Request]) -> list[Response]:
        """Answer all requests, each with its own response; none fails for another's sake."""
        tasks = [Task(request) for request in requests]
        while waiting := [task for task in tasks if not task.response]:
            self.answer_some(waiting)
        return [task.response for task in tasks if task.response]

    def answer_some(self, tasks: Sequence[Task]) -> None:
        """Answer some requests: those that are wrong, else by one prediction all that can share it.

        The others have no response yet; nor have those that shared a prediction that failed for
        another's fault.
        """
        start, least = time.perf_counter(), 0.0
        self.at_work = tasks
        group: list[Task] = []
        is_refused = False
        most, count = self.rows_at_once, 0
        for task in tasks:
            if task.table is NO_ROWS and not self._parse(task):
                is_refused = True
                continue
            count += len(task.table.rows)
            if group and (task.is_alone or group[0].is_alone or count > most):
                break
            group.append(task)
        if is_refused or not group:
            return
        self.at_work = group
        try:
            self._predict_together(group)
        except BaseException as error:
            self._find_fault(group, error)
            # It may fail before it is slow.
            least = self.seconds
        self.seconds += 0.2 * (max(least, time.perf_counter() - start) - self.seconds)

    def _parse(self, task: Task) -> bool:
        """Read a request, but not the values of its rows; if it is wrong, answer it."""
        try:
            task.accept = negotiate(task.request.accept, task.request.content_type)
            task.table = self.decoder.parse(task.request)
        # Some libraries raise what is no Exception.
        except BaseException as error:
            task.response = response_to(error)
        return task.response is None

    @property
    def rows_at_once(self) -> int:
        """How many rows of different requests may share a prediction."""
        if not self.service.batch_invariant:
            return 0
        most = BATCH_SECONDS / self.row_seconds if self.row_seconds else ROWS_AT_ONCE
        return max(1, min(ROWS_AT_ONCE, int(most)))

    def _predict_together(self, tasks: list[Task]) -> None:
        columns = self.predict(self.decoder.read([task.table for task in tasks]))
        start = 0
        for task in tasks:
            end = start + len(task.table.rows)
            own = columns
            if len(tasks) > 1:
                own = {name: values[start:end] for name, values in columns.items()}
            try:
                body = encode(own, task.table.shape, task.accept)
                task.response = Response(body, task.accept, rows=end - start)
            except Exception as error:
                task.response = response_to(error)
            start = end

    def _find_fault(self, tasks: list[Task], error: BaseException) -> None:
        """Answer those whose fault a failure is; where nobody knows, each must be tried alone."""
        if len(tasks) == 1:
            tasks[0].response = response_to(error)
        elif isinstance(error, RequestError):
            for task in tasks:
                try:
                    self.decoder.read([task.table])
                except BaseException as fault:
                    task.response = response_to(fault)
        if not any(task.response for task in tasks):
            for task in tasks:
                task.is_alone = True

    def predict(self, rows: Any) -> Answers:
        """Ask the model, for no more rows at once than it can take."""
        if self.service.batch_invariant and len(rows) > ROWS_AT_ONCE:
            starts = range(0, len(rows), ROWS_AT_ONCE)
            parts = [self.predict(rows[start : start + ROWS_AT_ONCE]) for start in starts]
            return {name: [one for part in parts for one in part[name]] for name in parts[0]}
        start = time.perf_counter()
        columns = to_columns(self.service.predict(rows), self.names)
        seconds = (time.perf_counter() - start) / len(rows)
        # What was fast once will be again: slow is often only the first time.
        slower = self.row_seconds + 0.2 * (seconds - self.row_seconds)
        self.row_seconds = min(seconds, slower) if self.row_seconds else seconds
        for name, values in columns.items():
            if len(values) != len(rows):
                raise ValueError(f"{len(values)} answers ({name}) to {len(rows)} rows")
        return columns
