"""Yours: the rows to learn from, and what is checked of them."""

from __future__ import annotations

import csv
from pathlib import Path

import torch
from mldock import ContainerError
from torch.utils.data import TensorDataset

from network import DARKEST, DIGITS, PIXELS

# The columns of the training data, and the highest value of each.
COLUMNS = {**{f"pixel_{index}": DARKEST for index in range(PIXELS)}, "digit": DIGITS - 1}


def read_digits(directory: Path) -> TensorDataset:
    """Return the images and, for each, the digit that it shows."""
    rows = []
    for path in sorted(directory.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, skipinitialspace=True)
            try:
                if missing := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
                    raise ContainerError(f"{path} lacks {', '.join(missing)}: fix its first line.")
                for row in reader:
                    if None in row:
                        raise csv.Error(f"Line {reader.line_num} has too many cells.")
                    for name, highest in COLUMNS.items():
                        if not 0 <= float(row[name] or "nan") <= highest:
                            raise ValueError(f"not {row[name]!r}")
                    rows.append([float(row[name]) for name in COLUMNS])
            except (UnicodeDecodeError, csv.Error) as error:
                raise ContainerError(f"{path} is not a table: fix or remove it. {error}") from error
            except ValueError as error:
                raise ContainerError(
                    f"{path}, line {reader.line_num}, {name}: a number from 0 to {highest} is "
                    f"needed: {error}. Correct it."
                ) from error
    if not rows:
        raise ContainerError(f"{directory} holds no rows of CSV. Put the training data there.")
    table = torch.tensor(rows)
    return TensorDataset(table[:, :-1], table[:, -1].long())
