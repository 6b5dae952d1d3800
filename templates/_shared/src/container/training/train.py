"""`executor.sh train`: inputs in, `trainer.train`, outputs out, an exit code that tells the truth.

The trainer runs in a process of its own: when it is killed, for want of memory or in native code,
its reason is still told and its outputs are still saved.

Exit codes: 0 when the trainer finished or the platform asked it to stop, 1 when anything failed;
then `output/failure` says why (the contract of SageMaker's training jobs).
"""

from __future__ import annotations

import logging
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import FrameType

from container.lifecycle import ContainerError, Environment, StopRequested, TrainingLifecycle
from container.lifecycle.failure import failure_file, read_reason, release, report, reserve
from container.lifecycle.hosts import Hosts
from container.lifecycle.logs import configure_logging
from container.lifecycle.metrics import note, start_run
from container.training.process import TrainerFailedError, TrainerProcess

log = logging.getLogger("train")

# In seconds, between two savings of the checkpoints while the trainer runs.
CHECKPOINT_INTERVAL = 60.0


def main() -> int:
    """Run the training job and return its exit code."""
    configure_logging()
    environment = Environment()
    failure_file(environment).unlink(missing_ok=True)
    try:
        # The person's code is imported late, so that a mistake in it is reported like any other.
        from container.assets import TrainingContainer

        job = Job(environment, TrainingContainer(environment))
    except Exception as error:
        report(environment, error)
        return 1
    reserve(environment)
    try:
        return job.run()
    finally:
        release(environment)


class Job:
    """One training job, from its inputs to its results."""

    def __init__(self, environment: Environment, container: TrainingLifecycle) -> None:
        self.environment, self.container = environment, container
        self.hosts = Hosts(environment)
        self.grace = environment.stop_grace
        self.saving = False

    def run(self) -> int:
        """Take the steps of the job, and return its exit code."""
        started = time.monotonic()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.request_stop)
        signal.signal(signal.SIGALRM, self.end_grace)
        self.take(self.train)
        seconds = round(time.monotonic() - started, 1)
        # A full disk has no room for it, and there may be results to save all the same.
        with suppress(OSError):
            reason = read_reason(self.environment)
            note({"outcome": self.container.outcome, "seconds": seconds, "reason": reason})
        if not self.take(self.container.cleanup) and not self.container.has_saved:
            # What a person has added has failed before it came to the saving.
            self.take(partial(TrainingLifecycle.cleanup, self.container))
        if self.container.outcome == "failed":
            # The others learn of it; to wait for them could be to wait for ever.
            self.hosts.leave()
        else:
            self.take(self.hosts.part)
        signal.setitimer(signal.ITIMER_REAL, 0)
        return int(self.container.outcome == "failed")

    def take(self, step: Callable[[], None]) -> bool:
        """Take a step, and report its failure; to be asked to stop is none."""
        try:
            step()
            return True
        except StopRequested:
            log.warning("stopped by SIGTERM: saving what there is")
            self.container.outcome = "stopped"
        except TrainerFailedError:
            self.container.outcome = "failed"
        except (Exception, SystemExit) as error:
            report(self.environment, error)
            self.container.outcome = "failed"
        return False

    def train(self) -> None:
        """Prepare the container and train."""
        trainer = TrainerProcess()
        try:
            if trainer.is_ready():
                self.hosts.meet()
                self.container.startup()
                start_run(self.environment)
                trainer.begin()
            trainer.wait(CHECKPOINT_INTERVAL, self.keep_checkpoints)
        except StopRequested:
            # The rest of the time is for saving.
            trainer.stop(self.grace * 2 / 3)
            raise
        finally:
            trainer.end()
            self.saving = True

    def keep_checkpoints(self) -> None:
        """Save the checkpoints while the trainer goes on; the next time may do better."""
        try:
            self.container.checkpoints.keep()
        except ContainerError as error:
            log.warning("%s", error)

    def request_stop(self, _signal: int, _frame: FrameType | None) -> None:
        """End the training at the first signal; the saving of results goes on to its end."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        # Again each second, since there may be several results to save.
        signal.setitimer(signal.ITIMER_REAL, self.grace, 1)
        if not self.saving:
            raise StopRequested

    def end_grace(self, _signal: int, _frame: FrameType | None) -> None:
        """Give up what is not saved yet, so that the reason can still be told."""
        if self.saving:
            raise ContainerError(f"it was not done {self.grace:.0f} s after SIGTERM.")


if __name__ == "__main__":
    sys.exit(main())
