"""A training job, as `container/training/train.py` runs it: its signals, its failures, its end.

The trainer runs in a process of its own: when it is killed, for want of memory or in native code,
its reason is still told and its outputs are still saved.

Exit codes: 0 when the trainer finished, 1 when anything failed; then `output/failure` says why (the
contract of SageMaker's training jobs). A job that was stopped ends with 130 after Ctrl-C and 143
after SIGTERM, or with `MLDOCK_STOPPED_EXIT_CODE`: the image sets it to 0, as SageMaker wants, and a
platform that would take one that was stopped for complete sets another.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType

from mldock import ContainerError, Environment, StopRequested, TrainingLifecycle, hosts
from mldock.failure import failure_file, read_reason, release, report, reserve
from mldock.lifecycle import Outcome
from mldock.logs import configure_logging, outlive_terminal
from mldock.metrics import RUN_FILE, note, start_run
from mldock.report import write_report
from mldock.training.last_model import LastModel
from mldock.training.process import (
    EXIT_TIMEOUT,
    STOP_SHARE,
    TrainerFailedError,
    TrainerProcess,
)
from mldock.variables import float_from_env, int_from_env

log = logging.getLogger("train")

STOP_SIGNALS = {
    signal.SIGTERM: "SIGTERM",
    signal.SIGINT: "Ctrl-C",
    signal.SIGHUP: "the end of the terminal",
}

# In seconds, between two uploads of the checkpoints while the trainer runs.
CHECKPOINT_INTERVAL = 60.0

# In seconds, between two looks at the trainer.
POLL_INTERVAL = 0.05


class Job:
    """One training job, for `with`: what is raised in its block ends the job, and is reported.

    Attributes:
        environment: The directories, channels, hosts and stage.
        container: The `TrainingContainer`. Once it is set, its `cleanup` runs at the end of the
            block, also after a failure.
        exit_code: The exit code of the process, after the block: 0 when the trainer has finished,
            1 when anything failed; `output/failure` has the reason. For one that was stopped
            `MLDOCK_STOPPED_EXIT_CODE`, or 128 and the number of the signal.

    Raises:
        SystemExit: A setting of the job is wrong; the reason is in `output/failure`.

    """

    def __init__(self) -> None:
        outlive_terminal()
        configure_logging()
        self.environment = Environment()
        self.model: LastModel | None = None
        # Of hosts, which may share a disk, the first one. What is wrong with them is told later.
        with suppress(ContainerError):
            if self.environment.is_first:
                self.model = LastModel(self.environment.model_dir)
        try:
            if self.model:
                self.model.lock()
        except ContainerError as error:
            # All files are those of the other run.
            log.error("%s", error)
            raise SystemExit(1) from None
        failure_file(self.environment).unlink(missing_ok=True)
        self.container: TrainingLifecycle | None = None
        self.trainer: TrainerProcess | None = None
        self.line: socket.socket | None = None
        self.outcome: Outcome = "completed"
        self.exit_code = 1
        try:
            self.grace = self.environment.stop_grace
            self.exit_timeout = float_from_env(self.environment.variables, *EXIT_TIMEOUT)
            variables = self.environment.variables
            name = "MLDOCK_STOPPED_EXIT_CODE"
            code = int_from_env(variables, name, 0, 0, 255) if variables.get(name) else None
            self.stopped_code = code
        except ContainerError as error:
            report(self.environment, error)
            if self.model:
                self.model.unlock()
            raise SystemExit(1) from None
        self.next_sync = float("inf")
        self.is_interruptible, self.saving, self.signal = True, False, 0
        self.has_trained = False

    def __enter__(self) -> Job:
        self.started = time.monotonic()
        reserve(self.environment)
        for number in STOP_SIGNALS:
            # `nohup` lets a job outlive its terminal.
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self.request_stop)
        signal.signal(signal.SIGALRM, self.end_grace)
        return self

    def prepare(self, module: str) -> None:
        """Start the process of the trainer and check the hyperparameters, then find the first host.

        Args:
            module: The name of the module that has `Hyperparameters` and `train`.

        Raises:
            Exception: The module cannot be imported, a hyperparameter is wrong, or the first host
                did not come; the block reports it.

        """
        locks = self.model.locks if self.model else []
        self.trainer = TrainerProcess(module, self.exit_timeout, locks)
        if not self.trainer.is_ready():
            self.wait_for_trainer()
            raise ContainerError(
                f"{module}.py ended its process while it was imported. Call sys.exit() nowhere."
            )
        # Before other hosts join, whose directory it may be too.
        if self.model:
            self.model.set_aside(self.environment)
        self.line = hosts.join(self.environment)

    def train(self) -> None:
        """Run the trainer to its end; checkpoints are uploaded each minute.

        Raises:
            Exception: The trainer has failed or was killed; the block reports it.
            StopRequested: SIGTERM has stopped the trainer.

        """
        assert self.trainer, "prepare() comes first"
        start_run(self.environment)
        if self.model:
            self.model.begin()
        self.has_trained = True
        self.trainer.begin()
        self.next_sync = time.monotonic() + CHECKPOINT_INTERVAL
        self.wait_for_trainer()

    def wait_for_trainer(self) -> None:
        """Wait for the end of the trainer's process; raises if it has failed."""
        assert self.trainer
        # Interrupted at the wrong moment, Popen would take the trainer to run for ever.
        self.is_interruptible = False
        self.trainer.wait(POLL_INTERVAL, self.poll)

    def poll(self) -> None:
        """Look at signals and at what has been saved while the trainer runs."""
        if self.model:
            self.model.mark()
        if self.signal:
            raise StopRequested
        if self.container and time.monotonic() >= self.next_sync:
            self.sync_checkpoints(self.container)
            self.next_sync = time.monotonic() + CHECKPOINT_INTERVAL

    def sync_checkpoints(self, container: TrainingLifecycle) -> None:
        """Upload the checkpoints while the trainer runs; a failure is no more than a warning."""
        self.is_interruptible = True
        try:
            container.checkpoints.sync()
        except ContainerError as error:
            log.warning("%s", error)
        self.is_interruptible = False

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> bool:
        self.is_interruptible = False
        if error:
            self.run_step(partial(self.stop_trainer, error))
        if self.trainer:
            self.trainer.end(min(10.0, self.grace / 6))
        if self.container:
            self.container.has_trained = self.has_trained
        if self.line and self.outcome != "completed":
            # Before the saving, which may take long: nobody needs to wait for this host, and one
            # that is started again must not find it.
            self.line.close()
        self.saving = True
        self.run_step(self.write_outcome)
        self.run_step(partial(write_report, self.environment))
        # What an owner has added may fail before it comes to the saving.
        if (
            self.container
            and not self.run_step(self.container.cleanup)
            and not self.container.has_saved
        ):
            self.run_step(partial(TrainingLifecycle.cleanup, self.container))
        self.run_step(self.wait_for_hosts)
        signal.setitimer(signal.ITIMER_REAL, 0)
        # All is done, and the end of a process takes a while, in which it would be killed by it.
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        self.run_step(self.end_model)
        if self.model:
            self.model.unlock()
        release(self.environment)
        self.exit_code = self.code_of(self.outcome)
        return True

    def run_step(self, step: Callable[[], None]) -> bool:
        """Run a step of the job, and report its failure; a stop is not one."""
        try:
            step()
            return True
        except StopRequested:
            log.warning("stopped by %s: saving what there is", self.stopped_by)
            self.set_outcome("stopped")
        except TrainerFailedError:
            self.set_outcome("failed")
        except (Exception, SystemExit) as error:
            report(self.environment, error)
            self.set_outcome("failed")
        return False

    @property
    def stopped_by(self) -> str:
        """What has asked the job to stop."""
        return STOP_SIGNALS[signal.Signals(self.signal or signal.SIGTERM)]

    def code_of(self, outcome: Outcome) -> int:
        """Return the exit code of a job that ends so."""
        if outcome == "stopped" and self.stopped_code is not None:
            return self.stopped_code
        stopped = 128 + (self.signal or signal.SIGTERM)
        return {"completed": 0, "stopped": stopped, "failed": 1}[outcome]

    def set_outcome(self, outcome: Outcome) -> None:
        """Note how the job ends, for the container too: it saves a failed model elsewhere."""
        self.outcome = outcome
        if self.container:
            self.container.outcome = outcome
            self.container.publishes = not self.code_of(outcome)

    def stop_trainer(self, error: BaseException) -> None:
        """Stop the trainer if the platform has asked for it, then raise what ended the block."""
        if (
            isinstance(error, StopRequested)
            and self.trainer
            # The rest of the time is for saving.
            and self.trainer.stop(self.grace * STOP_SHARE)
        ):
            return
        raise error

    def end_model(self) -> None:
        """Let the model of this run be the last one if the job is a success, and tell of it."""
        is_success = self.has_trained and not self.code_of(self.outcome)
        if self.model and is_success:
            self.model.replace(Path(os.environ[RUN_FILE]).stem, self.outcome)
        # Other hosts may have the same disk, and still write to it: then the next run does it.
        elif self.model and len(self.environment.hosts) == 1:
            self.model.restore(self.outcome)
        if is_success:
            environment = self.environment
            log.info("model: %s, output: %s", environment.model_dir, environment.output_data_dir)

    def write_outcome(self) -> None:
        """Write how the run has ended into its file."""
        seconds = round(time.monotonic() - self.started, 1)
        # A full disk has no room for it, and there may be results to save all the same.
        with suppress(OSError):
            reason = read_reason(self.environment)
            note({"outcome": self.outcome, "seconds": seconds, "reason": reason})

    def wait_for_hosts(self) -> None:
        """Wait until all hosts are done; one that failed or was stopped waits for nobody."""
        if self.line and self.outcome == "completed":
            try:
                hosts.wait(self.environment, self.line)
            except ContainerError as error:
                # They were stopped, too.
                if self.signal:
                    raise StopRequested from error
                raise

    def request_stop(self, number: int, _frame: FrameType | None) -> None:
        """End the training at the first signal; the saving of results goes on to its end."""
        for each in STOP_SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        # Again each second, since there may be several results to save.
        signal.setitimer(signal.ITIMER_REAL, self.grace, 1)
        self.signal = number
        if self.is_interruptible:
            raise StopRequested

    def end_grace(self, _signal: int, _frame: FrameType | None) -> None:
        """Give up what is not saved yet, so that the reason can still be told."""
        if self.saving:
            raise ContainerError(f"it was not done {self.grace:.0f} s after {self.stopped_by}.")
