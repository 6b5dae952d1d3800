"""`executor.sh train`: inputs in, `trainer.train`, outputs out, an exit code that tells the truth.

The trainer runs in a process of its own: when it is killed, for want of memory or in native code,
its reason is still told and its outputs are still saved.

Exit codes: 0 when the trainer finished or the platform asked it to stop, 1 when anything failed;
then `output/failure` says why (the contract of SageMaker's training jobs). A platform that would
take one that was stopped for complete sets `MLDOCK_STOPPED_EXIT_CODE`.
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

from mldock import ContainerError, Environment, StopRequested, TrainingLifecycle
from mldock.failure import failure_file, read_reason, release, report, reserve
from mldock.hosts.hosts import Hosts
from mldock.logs import configure_logging
from mldock.metrics import note, start_run
from mldock.report import write_report
from mldock.training.process import TrainerFailedError, TrainerProcess
from mldock.variables import whole

log = logging.getLogger("train")

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

# In seconds, between two savings of the checkpoints while the trainer runs.
CHECKPOINT_INTERVAL = 60.0

# In seconds, between two looks at the trainer and the other hosts.
LOOK_INTERVAL = 0.05

# In seconds, for a trainer to stop when another host has made the job fail.
LAST_WORDS = 10.0


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
        self.stopped_code = whole(environment.variables, "MLDOCK_STOPPED_EXIT_CODE", 0, 0, 255)
        self.next_keeping = 0.0
        self.is_interruptible, self.is_asked_to_stop, self.saving = True, False, False

    def run(self) -> int:
        """Take the steps of the job, and return its exit code."""
        started = time.monotonic()
        for number in STOP_SIGNALS:
            signal.signal(number, self.request_stop)
        signal.signal(signal.SIGALRM, self.end_grace)
        self.take(self.train)
        # Before the saving, which may take long.
        self.take(self.tell_failure)
        seconds = round(time.monotonic() - started, 1)
        # A full disk has no room for it, and there may be results to save all the same.
        with suppress(OSError):
            reason = read_reason(self.environment)
            note({"outcome": self.container.outcome, "seconds": seconds, "reason": reason})
        self.take(partial(write_report, self.environment))
        if not self.take(self.container.cleanup) and not self.container.has_saved:
            # What a person has added has failed before it came to the saving.
            self.take(partial(TrainingLifecycle.cleanup, self.container))
        self.take(self.part)
        signal.setitimer(signal.ITIMER_REAL, 0)
        # All is done, and the end of a process takes a while, in which it would be killed by it.
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        codes = {"completed": 0, "stopped": self.stopped_code, "failed": 1}
        return codes[self.container.outcome]

    def part(self) -> None:
        """Wait until all hosts are done, as long as this one may."""
        if self.container.outcome == "failed":
            self.tell_failure()
            self.hosts.leave()
        elif self.container.outcome == "stopped":
            # Nothing of its own is left to do: when the time is over, it goes.
            self.hosts.part("stopped", signal.setitimer(signal.ITIMER_REAL, 0)[0])
        else:
            self.hosts.part("saved")

    def tell_failure(self) -> None:
        """Tell the other hosts that this one has failed, and why."""
        if self.container.outcome == "failed":
            with suppress(OSError):
                self.hosts.fail(read_reason(self.environment) or "its own log says why.")

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
            self.next_keeping = time.monotonic() + CHECKPOINT_INTERVAL
            # Interrupted at the wrong moment, Popen would take the trainer to run for ever.
            self.is_interruptible = False
            trainer.wait(LOOK_INTERVAL, partial(self.look, trainer))
        except StopRequested:
            # The rest of the time is for saving.
            trainer.stop(self.grace * 2 / 3)
            raise
        finally:
            self.is_interruptible = False
            trainer.end()
            self.saving = True

    def look(self, trainer: TrainerProcess) -> None:
        """Look at the other hosts while the trainer goes on, and keep the checkpoints."""
        if self.is_asked_to_stop:
            raise StopRequested
        try:
            self.hosts.check()
        except ContainerError as error:
            # First, since the first reason counts, and the trainer may have another to tell.
            report(self.environment, error)
            with suppress(ContainerError, TrainerFailedError):
                trainer.stop(LAST_WORDS)
            raise TrainerFailedError from error
        if time.monotonic() >= self.next_keeping:
            self.keep_checkpoints()
            self.next_keeping = time.monotonic() + CHECKPOINT_INTERVAL

    def keep_checkpoints(self) -> None:
        """Save the checkpoints while the trainer goes on; the next time may do better."""
        self.is_interruptible = True
        try:
            self.container.checkpoints.keep()
        except ContainerError as error:
            log.warning("%s", error)
        self.is_interruptible = False

    def request_stop(self, _signal: int, _frame: FrameType | None) -> None:
        """End the training at the first signal; the saving of results goes on to its end."""
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        # Again each second, since there may be several results to save.
        signal.setitimer(signal.ITIMER_REAL, self.grace, 1)
        self.is_asked_to_stop = True
        if self.is_interruptible:
            raise StopRequested

    def end_grace(self, _signal: int, _frame: FrameType | None) -> None:
        """Give up what is not saved yet, so that the reason can still be told."""
        if self.saving:
            raise ContainerError(f"it was not done {self.grace:.0f} s after SIGTERM.")


if __name__ == "__main__":
    sys.exit(main())
