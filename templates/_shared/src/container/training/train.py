"""`executor.sh train`: inputs in, `trainer.train`, outputs out, an exit code that tells the truth.

Exit codes: 0 when the trainer finished or the platform asked it to stop, 1 when anything failed;
then `output/failure` says why (the contract of SageMaker's training jobs).
"""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable
from types import FrameType

from container.lifecycle import ContainerError, Environment, StopRequested, TrainingLifecycle
from container.lifecycle.failure import describe, write_failure
from container.lifecycle.hyperparameters import read_hyperparameters
from container.lifecycle.logs import configure_logging
from container.lifecycle.project import read_project

log = logging.getLogger("train")


def main() -> int:
    """Run the training job and return its exit code."""
    configure_logging()
    environment = Environment()
    (environment.output_dir / "failure").unlink(missing_ok=True)
    try:
        # The person's code is imported late, so that a mistake in it is reported like any other.
        from container.assets import TrainingContainer

        container = TrainingContainer(environment)
    except Exception as error:
        report(environment, error)
        return 1
    trained = succeeds(environment, lambda: stoppable(lambda: run(environment, container)))
    saved = succeeds(environment, container.cleanup)
    return int(not (trained and saved))


def stoppable(step: Callable[[], None]) -> None:
    """Take a step that SIGTERM may end; the saving of results after it is not disturbed."""
    try:
        signal.signal(signal.SIGTERM, request_stop)
        step()
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


def succeeds(environment: Environment, step: Callable[[], None]) -> bool:
    """Take a step of the job, and report its failure; to be asked to stop is none."""
    try:
        step()
    except StopRequested:
        log.warning("stopped by SIGTERM: saving what there is")
    except SystemExit as end:
        if end.code:
            report(environment, ContainerError(f"the trainer called sys.exit({end.code!r})"))
            return False
    except Exception as error:
        report(environment, error)
        return False
    return True


def run(environment: Environment, container: TrainingLifecycle) -> None:
    """Prepare the container and train."""
    import trainer

    hyperparameters = read_hyperparameters(trainer.Hyperparameters, environment, read_project())
    log.info("hyperparameters: %s", hyperparameters.model_dump_json())
    container.startup()
    trainer.train(environment, hyperparameters)
    log.info("model: %s, output: %s", environment.model_dir, environment.output_data_dir)


def request_stop(_signal: int, _frame: FrameType | None) -> None:
    """Stop the trainer where it is, once."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise StopRequested


def report(environment: Environment, error: Exception) -> None:
    """Say what failed in the log and in `output/failure`."""
    log.error(describe(error), exc_info=not isinstance(error, ContainerError))
    try:
        write_failure(environment, error)
    except OSError as unwritable:
        log.error("the reason cannot be written: %s", unwritable)


if __name__ == "__main__":
    sys.exit(main())
