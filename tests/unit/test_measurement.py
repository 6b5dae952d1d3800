"""`mldock.evaluation.measurement`: a trainer measures what the server will answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from mldock import ContainerError
from mldock.evaluation import predict_as_served
from mldock.serving import ArrayService, ModelService, RequestError, StreamService
from numpy.typing import DTypeLike
from pydantic import BaseModel, Field

NOW = 1_700_000_000


class Event(BaseModel):
    """A row of numbers."""

    timestamp: int = Field(ge=0)
    amount: float | None


class Phase(BaseModel):
    """The answer."""

    phase: int = Field(serialization_alias="phaseNumber")
    scores: list[float]


class Arrays(ArrayService[Event, Phase]):
    """A model that sees a difference of 40 seconds."""

    input_type, output_type = Event, Phase
    batch_invariant = True

    def __init__(self, dtype: DTypeLike = np.float64) -> None:
        self.dtype = dtype
        self.sizes: list[int] = []

    def load(self, model_dir: Path) -> None:
        """There is nothing to load."""

    def predict(self, features: np.ndarray[Any, Any]) -> dict[str, Any]:
        """Answer with the third of two minutes that a row is in."""
        self.sizes.append(len(features))
        seconds = features[:, 0] - NOW
        if (features[:, 0] == 404).any():
            raise RequestError(422, f"row {np.argmax(features[:, 0] == 404) + 1}, timestamp: no")
        if (features[:, 0] == 500).any():
            raise KeyError(500)
        return {
            "phase": (seconds // 40 % 3).astype(int),
            "scores": np.nan_to_num(features[:, 1:] / 3).astype(self.dtype),
        }


def events(count: int = 300) -> np.ndarray[Any, Any]:
    """Return rows, one second after the other; some have no amount."""
    rows = np.column_stack([NOW + np.arange(count), np.arange(count) / 7])
    rows[::5, 1] = np.nan
    return rows


def test_answers_of_clients() -> None:
    """The answers come by field, as a client reads them, in batches like the server's."""
    service = Arrays()

    answers = predict_as_served(service, events(5000))

    assert answers["phase"] == [second // 40 % 3 for second in range(5000)]
    assert answers["scores"][1:6] == [[second / 7 / 3] for second in range(1, 5)] + [[0.0]]
    assert service.sizes == [4096, 904]


def test_rows_apart() -> None:
    """Where rows may influence each other, each is predicted alone, as most requests are."""
    service = Arrays()
    service.batch_invariant = False

    assert predict_as_served(service, events(3))["phase"] == [0, 0, 0]
    assert service.sizes == [1, 1, 1]


@pytest.mark.parametrize("batch_invariant", [True, False])
@pytest.mark.parametrize(
    ("value", "words"),
    [(-1, "row 5000, timestamp: Input should be greater"), (404, "row 5000, timestamp: no")],
)
def test_refused_row(batch_invariant: bool, value: int, words: str) -> None:
    """A row that the server would refuse stops the training, with the server's own words."""
    service = Arrays()
    service.batch_invariant = batch_invariant
    rows = events(1)[[0] * 5001]
    rows[4999, 0] = value

    with pytest.raises(ContainerError, match=f"refuses a held-out row: {words}.* input type"):
        predict_as_served(service, rows)


def test_failing_model() -> None:
    """A model that fails is told as a client is told."""
    rows = events(2)
    rows[1, 0] = 500

    with pytest.raises(ContainerError, match="fails at held-out rows: The model failed: KeyError"):
        predict_as_served(Arrays(), rows)


def test_rounded_to_float32() -> None:
    """A conversion that changes answers is told with the column, a value, and the remedy."""
    with pytest.raises(ContainerError, match="float64") as caught:
        predict_as_served(Arrays(np.float32), events())

    words = str(caught.value)
    assert words.startswith("timestamp: 1700000040.0 becomes 1700000000.0 on its way to the model")
    assert "answers change. Write `dtype = np.float64` in `Service`, or train on" in words


def test_harmless_rounding() -> None:
    """What is rounded may change no answer, and what differs by chance does not count."""
    rows = np.column_stack([np.zeros(50), np.arange(50) / 7])
    service = Arrays(np.float32)
    assert predict_as_served(service, rows)["phase"] == [(-NOW // 40) % 3] * 50

    class Chance(Arrays):
        def predict(self, features: np.ndarray[Any, Any]) -> dict[str, Any]:
            random = np.random.default_rng().random((len(features), 1))
            return {**super().predict(features), "scores": random}

    assert len(predict_as_served(Chance(np.float32), rows)["phase"]) == 50


def test_large_integers() -> None:
    """An integer that float64 rounds is found, though numpy itself would compare it as equal."""

    class Parity(Arrays):
        def predict(self, features: np.ndarray[Any, Any]) -> dict[str, Any]:
            return {"phase": features[:, 0] % 2, "scores": np.zeros((len(features), 1))}

    rows = np.array([[2**53 + 1, 1], [2, 1]])

    with pytest.raises(ContainerError, match=r"timestamp: 9007199254740993 becomes 90071\d+992\.0"):
        predict_as_served(Parity(), rows)


class Order(BaseModel):
    """A row of any kind."""

    size: Literal["s", "m"] | None = Field(validation_alias="shirtSize", serialization_alias="size")
    count: float = 1


class Price(BaseModel):
    """The answer to it."""

    price: float


class Orders(ModelService[Order, Price]):
    """A model of objects."""

    input_type, output_type = Order, Price
    load = Arrays.load
    batch_invariant = True

    def predict(self, rows: Sequence[Order]) -> list[Price]:
        """Answer with a price, twice that of a text for a text."""
        return [
            Price(
                price=(2 if isinstance(row.count, str) else 1) * float(row.count)
                + (row.size == "m")
            )
            for row in rows
        ]


def test_objects() -> None:
    """Rows may be objects as clients send them, or of the input type."""
    rows: list[Any] = [{"shirtSize": "m"}, Order(shirtSize=None, count=3), {"shirtSize": "s"}]

    assert predict_as_served(Orders(), rows) == {"price": [2.0, 3.0, 1.0]}


@pytest.mark.parametrize(
    ("service", "rows", "words"),
    [
        (Arrays(), [{"timestamp": 1, "amount": 2}], r"an array of shape \(rows, columns\)"),
        (Orders(), np.zeros((2, 2)), r'A ndarray is not a list of rows\..*to_dict\("records"\)'),
        (Orders(), [{"shirtSize": "m", "count": 2**70}], "cannot be sent as JSON: Integer"),
    ],
)
def test_what_is_no_request(service: Any, rows: Any, words: str) -> None:
    """Rows that no client could send are told."""
    with pytest.raises(ContainerError, match=words):
        predict_as_served(service, rows)


UNKNOWN: Any = "xl"


@pytest.mark.parametrize("row", [{"shirtSize": UNKNOWN}, Order.model_construct(size=UNKNOWN)])
def test_refused_object(row: object) -> None:
    """A category that the type does not know stops the training."""
    with pytest.raises(ContainerError, match="row 2, shirtSize: Input should be 's' or 'm'"):
        predict_as_served(Orders(), [{"shirtSize": "m"}, row])


def test_text_that_becomes_a_number() -> None:
    """A text that the type turns into a number is found where the model tells them apart."""
    rows = [{"shirtSize": "m", "count": 2}, {"shirtSize": "m", "count": "5"}]

    with pytest.raises(ContainerError, match=r"count: '5' becomes 5\.0 .* 1 of 2 answers change"):
        predict_as_served(Orders(), rows)


def test_stream() -> None:
    """A stream has no single answer to a row: its trainer is told what to measure."""

    class Stream(StreamService[Order, Price]):
        input_type, output_type, load = Order, Price, Arrays.load

        def predict(self, row: Order) -> Iterator[Price]:
            yield Price(price=row.count)

    service: Any = Stream()
    with pytest.raises(ContainerError, match="measure what its `predict` yields"):
        predict_as_served(service, [{"shirtSize": "m"}])


def test_progress(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of rows that are measured one by one, which may take minutes, one hears how far it is."""
    monkeypatch.setattr("mldock.evaluation.measurement.PROGRESS_SECONDS", 0)
    caplog.set_level("INFO")

    service = Orders()
    service.batch_invariant = False

    predict_as_served(service, [{"shirtSize": "m"}] * 3)

    assert "2 of 3 held-out rows are measured" in caplog.text
