"""`executor.sh train`: download the inputs, run your trainer, upload the outputs."""

from __future__ import annotations

import sys

from mldock.training import Job


def main() -> int:
    """Run one training job and return its exit code: 0 only if every step succeeded."""
    # Whatever is raised in this block is written to `output/failure`; then the job ends.
    with Job() as job:
        # Imported here, so that a mistake in it is reported like any other.
        from container.assets import TrainingContainer

        # From here on its cleanup() runs at the end, also after a failure.
        container = job.container = TrainingContainer(job.environment)
        # Imports src/trainer.py and checks the hyperparameters: a mistake in either is reported
        # now, not after an hour of downloads.
        job.prepare("trainer")
        # Downloads the input channels.
        container.startup()
        # In a process of its own, so that a trainer killed for memory still leaves a reason.
        job.train()
    return job.exit_code


if __name__ == "__main__":
    sys.exit(main())
