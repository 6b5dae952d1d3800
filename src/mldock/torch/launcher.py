"""Starts the processes that train: one per GPU or, without GPUs, one per host.

torchrun's launcher does it, on every host of the job. With one host and at most one GPU there is
neither a launcher nor a process group: the trainer works where it is called.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from multiprocessing import parent_process
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
import torch.distributed as dist
from mldock.environment import Environment
from mldock.errors import ContainerError, StopRequested
from mldock.hosts import JOIN_TIME, connect, format_address
from mldock.logs import configure_logging
from mldock.torch.distributed import World
from mldock.variables import float_from_env
from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs, SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.elastic.rendezvous import RendezvousError, RendezvousTimeoutError
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

__all__ = ["launch"]

# Where the first host listens.
PORT = ("MLDOCK_RENDEZVOUS_PORT", 29400)
# How long a process waits for the others, who may be saving; longer than that, and they are lost.
SILENCE = timedelta(minutes=10)
RESTARTS = 3


def launch(worker: Callable[..., None], environment: Environment, *arguments: object) -> None:
    """Call `worker(environment, *arguments, world)` in every process, and wait for all to end.

    When a process or a host dies, all start again as soon as it is back, at most 3 times; a
    `Checkpoint` lets them continue. The first host listens on port 29400, or on
    MLDOCK_RENDEZVOUS_PORT. The hosts have 600 s to join, or as long as MLDOCK_JOIN_TIMEOUT says.

    Args:
        worker: A function of a module, so that another process can import it.
        environment: That of this host.
        arguments: What `worker` needs; each must survive pickling.

    Raises:
        ContainerError: The processes failed, or a host did not come (back) in time.
        StopRequested: SIGTERM stopped them.

    """
    processes = torch.cuda.device_count() or 1
    if processes == len(environment.hosts) == 1:
        worker(environment, *arguments, World())
        return
    place = (environment.base_dir, dict(environment.variables))
    at_stop = signal.getsignal(signal.SIGTERM)
    try:
        with TemporaryDirectory() as logs:
            config = configure(environment, processes, Path(logs))
            elastic_launch(config, start)(worker, place, arguments)
    except SignalException as error:
        raise StopRequested from error
    except ChildFailedError as error:
        reason = error.get_first_failure()[1].message.removeprefix("ContainerError: ")
        raise ContainerError(
            f"a process of the trainer failed again and again: {reason}"
        ) from error
    except RendezvousTimeoutError as error:
        seconds = float_from_env(environment.variables, *JOIN_TIME)
        raise ContainerError(
            f"not all of the {len(environment.hosts)} hosts were there within {seconds:.0f} s. "
            "The log of the missing one says why."
        ) from error
    except (RendezvousError, dist.DistError) as error:
        raise ContainerError(
            f"the first host ({environment.hosts[0]}) is gone: its log says why. {error}"
        ) from error
    finally:
        # The launcher has put its own in this place.
        signal.signal(signal.SIGTERM, at_stop)


def configure(environment: Environment, processes: int, logs: Path) -> LaunchConfig:
    """Configure torchrun's launcher: which hosts there are and where they meet."""
    # No other host must find the port of one that is alone.
    alone, first = len(environment.hosts) == 1, environment.hosts[0]
    port = 0 if alone else int(float_from_env(environment.variables, *PORT))
    seconds = float_from_env(environment.variables, *JOIN_TIME)
    address = first
    if not environment.is_first:
        # Not left to the launcher, whose native code SIGTERM would not end.
        with connect(first, port, seconds) as line:
            address = line.getsockname()[0]
    # Of the processes too: that of an agent would be lost with its host.
    os.environ["TORCH_DISABLE_SHARE_RDZV_TCP_STORE"] = "1"
    return LaunchConfig(
        min_nodes=len(environment.hosts),
        max_nodes=len(environment.hosts),
        nproc_per_node=processes,
        max_restarts=RESTARTS,
        run_id="training",
        rdzv_backend="c10d",
        rdzv_endpoint=format_address(first, port),
        rdzv_configs={"is_host": environment.is_first, "join_timeout": seconds},
        local_addr=address,
        logs_specs=DefaultLogsSpecs(log_dir=str(logs)),
        # Ctrl-C reaches the job, which then asks the trainer to stop.
        signals_to_handle="SIGTERM",
    )


def start(
    worker: Callable[..., None],
    place: tuple[Path, Mapping[str, str]],
    arguments: tuple[object, ...],
) -> None:
    """Join the others and work; torchrun's launcher calls this in each new process."""
    threading.Thread(target=end_with_parent, daemon=True).start()
    configure_logging()
    environment = Environment(*place)
    rank, here, size = (
        int(os.environ[n]) for n in ("LOCAL_RANK", "LOCAL_WORLD_SIZE", "WORLD_SIZE")
    )
    if size != here * len(environment.hosts):
        raise ContainerError("The hosts have different numbers of GPUs. Give each the same.")
    if torch.cuda.is_available():
        torch.cuda.set_device(rank)
    if environment.interface:
        os.environ["GLOO_SOCKET_IFNAME"] = os.environ["NCCL_SOCKET_IFNAME"] = environment.interface
    dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo", timeout=SILENCE)
    world = World(environment.rank * here + rank, size)
    source = dist.get_rank() if world.rank == 0 else 0
    world = replace(world, source=int(world.sum(source)[0]))
    if world.rank:
        # One is enough to tell how far they are.
        logging.getLogger().setLevel(logging.WARNING)
    worker(environment, *arguments, world)
    # Should the saving fail, all begin anew.
    dist.barrier()
    dist.destroy_process_group()


def end_with_parent() -> None:
    """End this process when the trainer that started it is killed."""
    if parent := parent_process():
        parent.join()
        os._exit(1)
