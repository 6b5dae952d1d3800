"""Yours: what your container does before and after the script, on top of its channels.

`startup()` runs before the trainer or the server and downloads the input channels; `cleanup()` runs
after it, also when it failed, and uploads the output channels. Add steps before or after the call
of `super()`; `self.environment` knows directories, channels, hosts and stage.

A platform of your own goes here too: a subclass of `mldock.Environment` that names its URI
`schemes` moves every channel with such a URI. Nothing else has to know it.
"""

from __future__ import annotations

from mldock import ServingLifecycle, TrainingLifecycle


class TrainingContainer(TrainingLifecycle):
    """Around `trainer.train`, which runs in another process."""

    def startup(self) -> None:
        """Run before the trainer; what you set in `os.environ`, the trainer has too."""
        super().startup()

    def cleanup(self) -> None:
        """Run after the trainer; what you write before the call of `super()` is uploaded."""
        super().cleanup()


class ServingContainer(ServingLifecycle):
    """Around the server and each of its workers."""

    def startup(self) -> None:
        """Run once, before the workers start."""
        super().startup()

    def cleanup(self) -> None:
        """Run once, after the last worker has ended."""
        super().cleanup()

    def startup_worker(self) -> None:
        """Run in each worker, before its first request; the model is loaded."""
        super().startup_worker()

    def cleanup_worker(self) -> None:
        """Run in each worker, after its last request."""
        super().cleanup_worker()
