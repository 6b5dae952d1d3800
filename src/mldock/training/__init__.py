"""A training job: what `container/training/train.py` imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldock.lazy import lazy_names

if TYPE_CHECKING:
    from mldock.training.job import Job
else:
    # The process of the trainer, `mldock.training.script`, does without.
    __getattr__ = lazy_names(__name__, job=["Job"])

__all__ = ["Job"]
