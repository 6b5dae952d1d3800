"""Yours: the rows to learn from, and what is checked of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from mldock import ContainerError
from torch.utils.data import TensorDataset

from network import DARKEST, DIGITS, PIXELS

# The columns of the training data, and the highest value of each.
COLUMNS = {**{f"pixel_{index}": DARKEST for index in range(PIXELS)}, "digit": DIGITS - 1}


def read_digits(directory: Path) -> TensorDataset:
    """Return the images and, for each, the digit that it shows."""
    tables = []
    for path in sorted(directory.glob("*.csv")):
        try:
            named = np.genfromtxt(path, delimiter=",", names=True, encoding="utf-8-sig")
        except ValueError as error:
            raise ContainerError(f"{path} is not a table: fix it or remove it. {error}") from error
        if missing := [name for name in COLUMNS if name not in (named.dtype.names or ())]:
            raise ContainerError(
                f"{path} lacks the columns {', '.join(missing)}. Fix its first line."
            )
        table = np.column_stack([named[name] for name in COLUMNS])
        # An empty cell or a word is read as nan, which is in no range.
        wrong = ~((table >= 0) & (table <= list(COLUMNS.values())))
        if wrong.any():
            row, column = np.argwhere(wrong)[0]
            name, highest = list(COLUMNS.items())[column]
            raise ContainerError(
                f"{path}, row {row + 1}: {name} must be a number from 0 to {highest}, "
                f"not {table[row, column]}."
            )
        tables.append(table)
    if not tables:
        raise ContainerError(f"{directory} holds no .csv file. Put the training data there.")
    values = torch.from_numpy(np.concatenate(tables))
    return TensorDataset(values[:, :-1].float(), values[:, -1].long())
