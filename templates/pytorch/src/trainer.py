"""Yours: how the model is trained.

`train` is called with the channels in place. What it saves under `environment.model_dir` is the
model; what it saves under `environment.output_data_dir` is kept beside it; what it saves under
`environment.checkpoint_dir` lets an interrupted run go on.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path

import matplotlib as mpl
import numpy as np
import torch
from matplotlib import pyplot as plt
from matplotlib.ticker import MaxNLocator
from pydantic import BaseModel, Field
from torch import nn
from torch.utils.data import DataLoader, Subset, TensorDataset, random_split

from checkpoint import Checkpoint, History, save
from container.lifecycle import ContainerError, Environment, report_metric
from container.prediction.independence import prove
from network import DARKEST, DIGITS, PIXELS, Network, choose_device
from prediction import MODEL_DIR, MODEL_FILE, Service

# The columns of the training data, and the highest value of each.
COLUMNS = {**{f"pixel_{index}": DARKEST for index in range(PIXELS)}, "digit": DIGITS - 1}

Rows = Subset[tuple[torch.Tensor, ...]]
Batches = DataLoader[tuple[torch.Tensor, ...]]

log = logging.getLogger(__name__)


class Hyperparameters(BaseModel):
    """What a run may change: `nox -s train -- -p epochs 50`."""

    epochs: int = Field(20, ge=1, description="How often each row is learnt from.")
    batch_size: int = Field(64, ge=1, description="Number of rows of a step.")
    learning_rate: float = Field(0.002, gt=0, description="Length of a step.")
    test_size: float = Field(0.25, gt=0, lt=1, description="Share of rows that is held out.")
    seed: int = Field(0, ge=0, description="Makes a run repeatable.")


def train(environment: Environment, hyperparameters: Hyperparameters) -> None:
    """Train the network, measure it on rows that it has not seen, save both.

    A run that was interrupted goes on after its last whole epoch.
    """
    device = choose_device()
    log.info("device: %s", device)
    train_rows, test_rows = split(read_digits(environment.channel("training")), hyperparameters)
    # First weights, order of the rows and dropout follow from it.
    torch.manual_seed(hyperparameters.seed)
    train_batches = DataLoader(train_rows, hyperparameters.batch_size, shuffle=True)
    test_batches = DataLoader(test_rows, hyperparameters.batch_size)
    network = Network().to(device)
    optimizer = torch.optim.Adam(network.parameters(), lr=hyperparameters.learning_rate)
    checkpoint = Checkpoint(
        environment.checkpoint_dir / "last.pt",
        network,
        optimizer,
        device,
        # A run that goes on may have more epochs than it began with.
        hyperparameters.model_dump(exclude={"epochs"}),
    )

    history = checkpoint.restore()
    for epoch in range(len(history) + 1, hyperparameters.epochs + 1):
        log.info("epoch %d/%d", epoch, hyperparameters.epochs)
        train_loss = train_epoch(network, optimizer, train_batches, device)
        test_loss, accuracy = evaluate(network, test_batches, device)
        history.append({"train_loss": train_loss, "test_loss": test_loss, "accuracy": accuracy})
        checkpoint.save(history)
        for name, value in history[-1].items():
            report_metric(name, round(value, 4), epoch)

    (environment.model_dir / MODEL_DIR).mkdir(exist_ok=True)
    save(network.cpu().state_dict(), environment.model_dir / MODEL_FILE)
    service = Service()
    service.load(environment.model_dir)
    test_pixels = torch.cat([pixels for pixels, _ in test_batches])
    prove(service, test_pixels.numpy(), environment.model_dir / MODEL_DIR)
    write_metrics(history, environment.output_data_dir / "metrics.json")
    draw(history, environment.output_data_dir / "loss.png")
    checkpoint.delete()


def read_digits(directory: Path) -> TensorDataset:
    """Return the images and, for each, the digit that it shows."""
    tables = []
    for path in sorted(directory.glob("*.csv")):
        try:
            named = np.genfromtxt(path, delimiter=",", names=True, encoding="utf-8-sig")
        except ValueError as error:
            raise ContainerError(f"{path} is no table: {error}") from error
        if missing := [name for name in COLUMNS if name not in (named.dtype.names or ())]:
            raise ContainerError(f"{path} lacks the columns {', '.join(missing)}.")
        table = np.column_stack([named[name] for name in COLUMNS])
        # A cell that is empty or a word is nan, which lies in no range.
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


def split(digits: TensorDataset, hyperparameters: Hyperparameters) -> tuple[Rows, Rows]:
    """Return the rows to learn from and those that are held out."""
    test_count = round(len(digits) * hyperparameters.test_size)
    if not 0 < test_count < len(digits):
        raise ContainerError(
            f"{len(digits)} rows cannot be split with test_size={hyperparameters.test_size}. "
            "Add training data, or change test_size."
        )
    generator = torch.Generator().manual_seed(hyperparameters.seed)
    train_rows, test_rows = random_split(
        digits, [len(digits) - test_count, test_count], generator=generator
    )
    return train_rows, test_rows


def train_epoch(
    network: Network, optimizer: torch.optim.Optimizer, batches: Batches, device: torch.device
) -> float:
    """Learn from each row once, and return the mean loss of the rows."""
    network.train()
    total, count = 0.0, 0
    for pixels, digits in batches:
        loss = nn.functional.cross_entropy(network(pixels.to(device)), digits.to(device))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        total += loss.item() * len(digits)
        count += len(digits)
    return total / count


def evaluate(network: Network, batches: Batches, device: torch.device) -> tuple[float, float]:
    """Return the mean loss of the rows, and the share of them that the network reads rightly."""
    network.eval()
    with torch.inference_mode():
        scores = torch.cat([network(pixels.to(device)).cpu() for pixels, _ in batches])
    digits = torch.cat([digits for _, digits in batches])
    accuracy = (scores.argmax(dim=1) == digits).float().mean()
    return nn.functional.cross_entropy(scores, digits).item(), accuracy.item()


def write_metrics(history: History, path: Path) -> None:
    """Save the measurements of the last epoch."""
    last = history[-1]
    metrics = {
        "accuracy": round(last["accuracy"], 4),
        "loss": round(last["test_loss"], 4),
        "epochs": len(history),
    }
    path.write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")


def draw(history: History, path: Path) -> None:
    """Save the course of the losses and of the accuracy as one picture."""
    # There is no screen in a container.
    mpl.use("agg")
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 5), layout="constrained")
    epochs = range(1, len(history) + 1)
    for axes, name, label in [
        (left, "train_loss", "rows learnt from"),
        (left, "test_loss", "held-out rows"),
        (right, "accuracy", "held-out rows"),
    ]:
        color = "C0" if name == "train_loss" else "C1"
        axes.plot(epochs, [epoch[name] for epoch in history], f"{color}.-", label=label)
    for axes, title in [(left, "Loss"), (right, "Accuracy")]:
        axes.set(title=title, xlabel="epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(path, dpi=120)
    plt.close(figure)
