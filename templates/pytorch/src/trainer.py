"""Yours: how the model is trained.

`train` is called with the channels in place. What it saves under `environment.model_dir` is the
model; what it saves under `environment.output_data_dir` is kept beside it; what it saves under
`environment.checkpoint_dir` lets an interrupted run continue. With several hosts or GPUs, several
processes train one model together, and the first of them saves it.
"""

from __future__ import annotations

import json
import logging

import torch
from mldock import ContainerError, Environment, log_metric, report_classification
from mldock.evaluation import check_batch_invariance, predict_as_served
from mldock.files import atomic_write
from mldock.torch.checkpoint import Checkpoint, History
from mldock.torch.device import choose_device
from mldock.torch.distributed import Batches, Rows, World, make_batches
from mldock.torch.launcher import launch
from pydantic import BaseModel, Field
from torch import nn
from torch.utils.data import TensorDataset, default_collate, random_split

from dataset import read_digits
from network import Network
from prediction import MODEL_DIR, MODEL_FILE, Service

log = logging.getLogger(__name__)


class Hyperparameters(BaseModel):
    """What a run may change: `nox -s train -- -p epochs=50`."""

    epochs: int = Field(20, ge=1, description="How often each row is learnt from.")
    batch_size: int = Field(64, ge=1, description="Number of rows of a step.")
    learning_rate: float = Field(0.002, gt=0, description="Length of a step.")
    test_size: float = Field(0.25, gt=0, lt=1, description="Share of rows that is held out.")
    seed: int = Field(0, ge=0, description="Makes a run repeatable.")


def train(environment: Environment, hyperparameters: Hyperparameters) -> None:
    """Train the network by one process or several; an interrupted run continues."""
    launch(train_worker, environment, hyperparameters)


def train_worker(environment: Environment, hyperparameters: Hyperparameters, world: World) -> None:
    """Train as one of the processes, measure on rows that none has seen, save both."""
    device = choose_device()
    log.info("device: %s, processes: %d", device, world.size)
    train_rows, test_rows = split(read_digits(environment.channel("training")), hyperparameters)
    # The first weights follow from it.
    torch.manual_seed(hyperparameters.seed)
    order, size = torch.Generator(), hyperparameters.batch_size
    train_batches = make_batches(train_rows, size, world, order)
    test_batches = make_batches(test_rows, size, world)
    network = Network().to(device)
    optimizer = torch.optim.Adam(network.parameters(), lr=hyperparameters.learning_rate)
    # A run that continues may have more epochs than it began with.
    settings = hyperparameters.model_dump(exclude={"epochs"})
    path = environment.checkpoint_dir / "last.pt"
    checkpoint = Checkpoint(path, network, optimizer, settings, world)

    history = checkpoint.restore()
    # What was measured before an interruption belongs to this run, too.
    for epoch, measured in enumerate(history, start=1):
        report(measured, epoch, world)
    shared_network = world.wrap(network)
    for epoch in range(len(history) + 1, hyperparameters.epochs + 1):
        log.info("epoch %d/%d", epoch, hyperparameters.epochs)
        world.seed_epoch(hyperparameters.seed, epoch, order)
        train_loss = train_epoch(shared_network, optimizer, train_batches, device, world)
        test_loss, accuracy = evaluate(network, test_batches, device, world)
        history.append({"train_loss": train_loss, "test_loss": test_loss, "accuracy": accuracy})
        checkpoint.save(history)
        report(history[-1], epoch, world)

    if world.rank == 0:
        save_results(environment, network, history, test_rows)
    checkpoint.delete()


def report(measured: dict[str, float], epoch: int, world: World) -> None:
    """Report the measurements of an epoch, once for all processes."""
    if world.rank == 0:
        for name, value in measured.items():
            log_metric(name, round(value, 4), epoch)


def save_results(
    environment: Environment, network: Network, history: History, test_rows: Rows
) -> None:
    """Save the model and its measurements, and report which digits it took for which."""
    (environment.model_dir / MODEL_DIR).mkdir(exist_ok=True)
    with atomic_write(environment.model_dir / MODEL_FILE) as path:
        torch.save(network.cpu().state_dict(), path)
    service = Service()
    service.load(environment.model_dir)
    pixels, digits = default_collate([test_rows[row] for row in range(len(test_rows))])
    # If rows do not influence each other, requests that wait will share one prediction.
    directory = environment.model_dir / MODEL_DIR
    service.batch_invariant = check_batch_invariance(service, pixels.numpy(), directory)
    # What is measured are the answers of the server, from the request to the response.
    answered = predict_as_served(service, pixels.numpy())["digit"]
    report_classification(digits, answered)
    accuracy = (digits == torch.tensor(answered)).float().mean().item()
    last = history[-1] | {"accuracy": accuracy}
    metrics = {name: round(value, 4) for name, value in last.items()}
    log_metric("accuracy", metrics["accuracy"])
    path = environment.output_data_dir / "metrics.json"
    path.write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")


def split(digits: TensorDataset, hyperparameters: Hyperparameters) -> tuple[Rows, Rows]:
    """Return the rows to learn from and those that are held out."""
    share = hyperparameters.test_size
    held_out = round(len(digits) * share)
    if not 0 < held_out < len(digits):
        raise ContainerError(f"{len(digits)} rows cannot be split by {share}: add data.")
    generator = torch.Generator().manual_seed(hyperparameters.seed)
    train_rows, test_rows = random_split(digits, [len(digits) - held_out, held_out], generator)
    return train_rows, test_rows


def train_epoch(
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    batches: Batches,
    device: torch.device,
    world: World,
) -> float:
    """Learn from each row once, and return the mean loss of the rows."""
    network.train()
    total, count = 0.0, 0.0
    for pixels, digits in batches:
        scores = network(pixels.to(device))
        loss = nn.functional.cross_entropy(scores, digits.to(device), reduction="sum")
        optimizer.zero_grad()
        # By the mean of the whole batch, of which each process has a share.
        world.backward(loss, len(digits))
        optimizer.step()
        total += loss.item()
        count += len(digits)
    total, count = world.sum(total, count)
    return total / count


def evaluate(
    network: Network, batches: Batches, device: torch.device, world: World
) -> tuple[float, float]:
    """Return the mean loss of the rows, and the share of them that is read correctly."""
    network.eval()
    loss, right, count = 0.0, 0.0, 0.0
    with torch.inference_mode():
        for pixels, digits in batches:
            scores = network(pixels.to(device)).cpu()
            loss += nn.functional.cross_entropy(scores, digits, reduction="sum").item()
            right += (scores.argmax(dim=1) == digits).sum().item()
            count += len(digits)
    loss, right, count = world.sum(loss, right, count)
    return loss / count, right / count
