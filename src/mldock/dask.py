"""The hosts of a job as a Dask cluster, over which joblib distributes what runs in parallel.

The first host has the scheduler and trains; every host has a worker. When one is lost the job
fails, and begins anew where the platform starts it again. With one host there is no cluster, and
Dask is not even imported.

```python
def train(environment, hyperparameters):
    if not environment.is_first:
        return run_worker(environment)
    with start_cluster(environment) as parallel:
        model = RandomForestClassifier()
        with parallel():  # on all hosts
            model.fit(features, labels)
```
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING

from joblib import parallel_config
from mldock.environment import Environment
from mldock.errors import ContainerError
from mldock.hosts import JOIN_TIME, connect, format_address
from mldock.variables import float_from_env

__all__ = ["Parallel", "run_worker", "start_cluster"]

if TYPE_CHECKING:
    from distributed import Client

# Where the scheduler listens.
PORT = ("MLDOCK_SCHEDULER_PORT", 8786)

GONE = "a worker of the Dask cluster is gone. The log of its host says why."

Parallel = Callable[[], AbstractContextManager[object]]
"""For `with`: what is in the block runs on all hosts."""


@contextmanager
def start_cluster(environment: Environment) -> Iterator[Parallel]:
    """Form a cluster of all hosts for the block; the first host calls it.

    The scheduler listens on port 8786, or on MLDOCK_SCHEDULER_PORT. The hosts have 600 s to join,
    or as long as MLDOCK_JOIN_TIMEOUT says.

    Yields:
        What runs a block on all hosts: `with parallel(): ...`. With one host it does nothing.

    Raises:
        ContainerError: A host did not join in time, or was lost while the block ran.

    """
    if len(environment.hosts) == 1:
        yield nullcontext
        return
    # Too slow an import for a host that is alone.
    from distributed import Client

    seconds = float_from_env(environment.variables, *JOIN_TIME)
    host, port = environment.hosts[0], scheduler_port(environment)
    with (
        run_dask("scheduler", "--host", format_address(host), "--port", str(port)) as scheduler,
        dask_worker(environment, scheduler),
        Client(format_address(host, port), timeout=seconds) as client,
    ):
        try:
            client.wait_for_workers(len(environment.hosts), timeout=seconds)
        except TimeoutError as error:
            raise ContainerError(
                f"not all of the {len(environment.hosts)} hosts have joined the cluster in "
                f"{seconds:.0f} s. The log of the missing one says why."
            ) from error
        try:
            with watching(client):
                yield partial(parallel_config, "dask")
        finally:
            # The workers of all hosts end with it, or else with the scheduler. It fails where hosts
            # that were stopped at once have left amid its work, which must not hide the stop.
            with suppress(Exception):
                client.shutdown()


@contextmanager
def watching(client: Client) -> Iterator[None]:
    """Raise ContainerError as soon as a worker is lost.

    Dask would do its work again, but joblib may wait for ever for what it has sent to it.
    """

    def is_whole() -> bool:
        return set(client.ncores()) == workers

    def fail(_signal: int, _frame: FrameType | None) -> None:
        raise ContainerError(GONE)

    def watch() -> None:
        while not done.wait(1):
            if not is_whole():
                signal.pthread_kill(caller, signal.SIGUSR1)
                return

    # Asked of the scheduler itself: what `scheduler_info` returns is changed by others meanwhile.
    workers = set(client.ncores())
    caller, done = threading.get_ident(), threading.Event()
    before = signal.signal(signal.SIGUSR1, fail)
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    except Exception as error:
        # What it tells of the work of a lost worker helps nobody.
        if not is_whole():
            raise ContainerError(GONE) from error
        raise
    finally:
        done.set()
        watcher.join()
        signal.signal(signal.SIGUSR1, before)


def run_worker(environment: Environment) -> None:
    """Work for the first host until it ends the cluster; all other hosts call it.

    Raises:
        ContainerError: The first host cannot be reached, or the worker ended with an error.

    """
    with dask_worker(environment) as worker:
        if code := worker.wait():
            raise ContainerError(f"the worker of Dask ended with {code}. Its log says why.")


def dask_worker(
    environment: Environment, scheduler: subprocess.Popen[bytes] | None = None
) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """Start a worker of this host, with a thread for each of its processors."""

    def check_scheduler() -> None:
        if scheduler and scheduler.poll() is not None:
            raise ContainerError("the scheduler of Dask has ended. Its log says why.")

    host, port = environment.hosts[0], scheduler_port(environment)
    # Dask itself would find the address of a worker only in a cluster of IPv4.
    seconds = float_from_env(environment.variables, *JOIN_TIME)
    with connect(host, port, seconds, check_scheduler) as line:
        own = format_address(line.getsockname()[0])
    place = f"tcp://{format_address(host, port)}"
    return run_dask("worker", place, "--host", own, "--no-nanny", "--death-timeout", "60")


@contextmanager
def run_dask(command: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command of Dask, and end it with the block."""
    line = [sys.executable, "-m", "dask", command, *arguments, "--no-dashboard"]
    # Workers, and clients inside of them, take the end of the cluster for an error.
    levels = "'distributed.client': 'critical', 'distributed.worker': 'critical'"
    quiet = {"DASK_LOGGING": f"{{'distributed': 'warning', {levels}}}"}
    process = subprocess.Popen(line, env={**quiet, **os.environ})
    try:
        yield process
        # It is told by the client to end, and does so in order, unless it was told amid its work.
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def scheduler_port(environment: Environment) -> int:
    """Return the port of the scheduler."""
    return int(float_from_env(environment.variables, *PORT))
