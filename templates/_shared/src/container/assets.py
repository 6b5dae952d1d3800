"""Yours: what your container does before and after the script, on top of channels.

`startup()` runs before the trainer or the server, `cleanup()` after it, also when it failed.
Extend them with `super()`; `self.environment` knows directories, channels, hosts and stage.
"""

from __future__ import annotations

from mldock import ServingLifecycle, TrainingLifecycle


class TrainingContainer(TrainingLifecycle):
    """Around `trainer.train`: the input channels are downloaded, the outputs uploaded."""

    def startup(self) -> None:
        """Prepare the container, then whatever your trainer needs beside its channels."""
        super().startup()

    def cleanup(self) -> None:
        """Save the results; what you add before the call is uploaded with them."""
        super().cleanup()


class ServingContainer(ServingLifecycle):
    """Around the server: the model channels are downloaded."""

    def startup(self) -> None:
        """Prepare the container once, before the workers start."""
        super().startup()

    def cleanup(self) -> None:
        """Run once, after the last worker has ended."""
        super().cleanup()

    def startup_worker(self) -> None:
        """Prepare each worker, before its first request."""
        super().startup_worker()

    def cleanup_worker(self) -> None:
        """Run in each worker, after its last request."""
        super().cleanup_worker()
