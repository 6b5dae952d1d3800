"""Several requests answered at once: none fails, or is mixed up, for another's sake."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mldock.serving.decoding import Decoder
from mldock.serving.inference import ROWS_AT_ONCE, Inference
from mldock.serving.messages import CSV, JSON_LINES, Request, Response
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, Field

from tests.mldock.rows import LIMIT, Arrays, Pixels, Rows

POISON, LOST, DOUBLED = 666, 777, 888


class Number(BaseModel):
    """A row."""

    value: float = Field(lt=1000)


def spoil(values: list[float]) -> list[float]:
    """Fail, or answer too few or too many, where a number asks for it."""
    if POISON in values:
        raise RuntimeError("a word of the weights")
    answers = [-value for value in values if value != LOST]
    return answers + answers if DOUBLED in values else answers


class Rowwise(Rows):
    """Answers each number with its negative, and notes how many it gets at once."""

    batch_invariant = True

    def __init__(self) -> None:
        super().__init__(Number)
        self.calls: list[int] = []

    def predict(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Answer, or fail."""
        self.calls.append(len(rows))
        return [Number(value=value) for value in spoil([row.value for row in rows])]


class Arraywise(Arrays):
    """Does the same with arrays."""

    batch_invariant = True

    def __init__(self) -> None:
        super().__init__(Number)
        self.calls: list[int] = []

    def predict(self, features: NDArray[Any]) -> Mapping[str, ArrayLike]:
        """Answer, or fail."""
        self.calls.append(len(features))
        return {"value": np.array(spoil(features[:, 0].tolist()))}


Model = Rowwise | Arraywise
MODELS = pytest.mark.parametrize("kind", [Rowwise, Arraywise])


def ask(service: Model, requests: Sequence[Request]) -> list[Response]:
    """Answer requests that came together."""
    return Inference(service, Decoder(service, LIMIT)).answer(requests)


def rows(*values: object) -> Request:
    """Ask for rows of JSON."""
    return Request(json.dumps([[value] for value in values]).encode())


def values(response: Response) -> list[float]:
    """Return what was answered."""
    return [row["value"] for row in json.loads(response.body)]


GOOD = st.lists(st.integers(-500, 500), min_size=1, max_size=4)
ODD = st.sampled_from([[POISON], [1, LOST], [DOUBLED], [5000], ["x"], [None], [[1]], []])


@MODELS
@given(asked=st.lists(GOOD | ODD, max_size=12))
def test_each_gets_its_own_answer(kind: type[Model], asked: list[list[Any]]) -> None:
    """In order: its rows where they are right, else its own mistake, or the model's on it."""
    responses = ask(kind(), [rows(*one) for one in asked])

    assert len(responses) == len(asked)
    for one, response in zip(asked, responses, strict=True):
        if not one:
            assert response.status == 400
        elif one[-1] in (POISON, LOST, DOUBLED):
            assert response.status == 500
        elif isinstance(one[0], int) and one[0] < 1000:
            assert (response.status, response.rows) == (200, len(one))
            assert values(response) == [-value for value in one]
        else:
            assert response.status == 422
            assert json.loads(response.body)["error"].startswith("row 1, value: ")


@MODELS
def test_all_that_wait_share_a_prediction(kind: type[Model]) -> None:
    """The model is asked once, whatever the formats; what is refused is not asked."""
    service = kind()
    requests = [
        rows(1, 2),
        Request(b"3\n4\n", CSV),
        Request(b'{"value": 5}'),
        Request(b'{"instances": [{"value": 6}]}', accept=CSV),
        Request(b"[7]\n", JSON_LINES),
        rows("x"),
        Request(b"{"),
        Request(b'{"columns": ["value"], "data": [[8]]}'),
    ]

    responses = ask(service, requests)

    assert service.calls == [8]
    assert [response.status for response in responses if response.status != 200] == [422, 400]
    assert [response.body for response in responses if response.status == 200] == [
        b'[{"value":-1.0},{"value":-2.0}]',
        b"-3.0\n-4.0\n",
        b'{"value":-5.0}',
        b"-6.0\n",
        b'{"value":-7.0}\n',
        b'[{"value":-8.0}]',
    ]


@MODELS
def test_rows_at_once(kind: type[Model]) -> None:
    """The model never gets more than it can take, of one request or of many."""
    service = kind()
    sizes = [10, ROWS_AT_ONCE, 2 * ROWS_AT_ONCE + 5, 3000, 3000, 1]

    responses = ask(service, [rows(*[size % 999] * size) for size in sizes])

    assert max(service.calls) == ROWS_AT_ONCE
    assert sum(service.calls) == sum(sizes)
    for size, response in zip(sizes, responses, strict=True):
        assert values(response) == [-(size % 999)] * size


@MODELS
def test_rows_that_touch_each_other(kind: type[Model]) -> None:
    """Where an answer may depend on the other rows, requests are neither joined nor cut."""
    service = kind()
    service.batch_invariant = False
    sizes = [1, 2, ROWS_AT_ONCE + 1, 3, 4]

    responses = ask(service, [rows(*[7] * size) for size in sizes])

    assert service.calls == sizes
    assert [response.rows for response in responses] == sizes


def test_lists_of_any_length() -> None:
    """Rows of one length each are right alone, so that they are right beside each other."""
    service = Arrays(Pixels)
    service.batch_invariant = True
    service.predict = lambda features: {"pixels": features}  # type: ignore[method-assign]
    requests = [Request(b"[[1, 2]]"), Request(b"[[1, 2, 3]]"), Request(b"[[4, 5]]")]

    responses = Inference(service, Decoder(service, LIMIT)).answer(requests)

    assert [json.loads(response.body) for response in responses] == [
        [{"pixels": [1, 2]}],
        [{"pixels": [1, 2, 3]}],
        [{"pixels": [4, 5]}],
    ]


@pytest.mark.parametrize("answers", [None, [3], {"other": [1]}, {"value": 1}])
def test_model_that_answers_nonsense(answers: Any) -> None:
    """It is the model's failure, and no other request's."""
    for service in (Rows(Number), Arrays(Number)):
        service.predict = lambda _rows: answers  # type: ignore[method-assign]
        (response,) = Inference(service, Decoder(service, LIMIT)).answer([rows(1)])
        assert response.status == 500
