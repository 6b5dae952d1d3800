"""What a model that fails, or answers nonsense, means for its clients."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from pydantic import Field, create_model

from container.prediction.codecs import Decoder
from container.prediction.inference import ROWS_AT_ONCE, Inference
from container.prediction.messages import Request
from tests.runtime.rows import LIMIT, Arrays, Pixels, Rows
from tests.runtime.test_inference import MODELS, POISON, Model, Number, ask, rows


def test_lists_of_any_length() -> None:
    """Rows of one length each are right alone, so that they are right beside each other."""
    service = Arrays(Pixels)
    service.row_independent = True
    service.predict = lambda features: {"pixels": features}  # type: ignore[method-assign]
    requests = [Request(b"[[1, 2]]"), Request(b"[[1, 2, 3]]"), Request(b"[[4, 5]]")]

    responses = Inference(service, Decoder(service, LIMIT)).answer(requests)

    assert [json.loads(response.body) for response in responses] == [
        [{"pixels": [1, 2]}],
        [{"pixels": [1, 2, 3]}],
        [{"pixels": [4, 5]}],
    ]


@MODELS
def test_failure_is_in_the_log(kind: type[Model], caplog: pytest.LogCaptureFixture) -> None:
    """Whoever runs the server sees where the model failed; the client only that it did."""
    with caplog.at_level(logging.ERROR):
        (response,) = ask(kind(), [rows(POISON)])

    assert "The model failed: RuntimeError" in json.loads(response.body)["error"]
    assert b"a word" not in response.body
    assert "RuntimeError: a word of the weights" in caplog.text
    assert "in predict" in caplog.text


@pytest.mark.parametrize("count", [1, ROWS_AT_ONCE + 1])
def test_answer_is_called_by_its_alias(count: int) -> None:
    """Clients know a field by the name that the type writes."""
    service = Arrays(create_model("Renamed", value=(float, Field(serialization_alias="the value"))))
    service.row_independent = True

    (response,) = Inference(service, Decoder(service, LIMIT)).answer([rows(*range(count))])

    assert json.loads(response.body) == [{"the value": value} for value in range(count)]


@pytest.mark.parametrize("answers", [None, 3, [3], [{"value": 1}], {"other": [1]}, {"value": 1}])
def test_model_that_answers_nonsense(answers: Any) -> None:
    """It is the model's failure, and no other request's."""
    for service in (Rows(Number), Arrays(Number)):
        service.predict = lambda _rows: answers  # type: ignore[method-assign]
        (response,) = Inference(service, Decoder(service, LIMIT)).answer([rows(1)])
        assert response.status == 500
