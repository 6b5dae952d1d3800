"""A literal is its parameter's where its line says so."""

from __future__ import annotations

import pytest

from extensions.model import Status, Value
from tests.capture.test_occurrences import marked, sites_of


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("epochs = 20", "epochs = [epochs]"),
        ('"epochs": 20, "patience": 20', '"epochs": [epochs], "patience": 20'),
        ("dict(patience=20, epochs=20)", "dict(patience=20, epochs=[epochs])"),
        ("run --epochs 20", "run --epochs [epochs]"),
        ("EPOCHS=20", "EPOCHS=[epochs]"),
        ("20 epochs of 64", "[epochs] epochs of 64"),
        ("add('--epochs', type=int, default=20)", "add('--epochs', type=int, default=[epochs])"),
        ("20, then 20 epochs", "20, then [epochs] epochs"),
        ("n_epochs = 20", "n_epochs = 20"),
        ("epochs-left = 20", "epochs-left = 20"),
        ("epochs = 1.20", "epochs = 1.20"),
        ("epochs = 20.5", "epochs = 20.5"),
        ("epochs = 20_000", "epochs = 20_000"),
        ("patience = 20\nepochs = 3", "patience = 20\nepochs = 3"),
    ],
)
def test_literals_of_parameters(line: str, expected: str) -> None:
    """A number is its parameter's where the line names the parameter."""
    assert marked(line, Value("epochs", "20", is_parameter=True)) == expected


def test_unnamed_literal_is_reported() -> None:
    """Other places of a literal are told, and each is its own parameter's where two share it."""
    values = [Value("batch_size", "20", is_parameter=True), Value("top", "20", is_parameter=True)]

    occurrences = sites_of("size 20\nbatchSize=20\n--batch-size 20\ntop: 20", *values)

    assert [(occurrence.variant.variable, occurrence.status) for occurrence in occurrences] == [
        ("batch_size", Status.UNNAMED),
        ("batch_size", Status.COLLISION),
        ("batch_size", Status.COLLISION),
        ("top", Status.COLLISION),
    ]
