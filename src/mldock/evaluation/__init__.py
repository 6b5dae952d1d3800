"""What a trainer asks of a model before it is served: `src/trainer.py` imports it.

The answers that the server will give to held-out rows, and whether rows may share a prediction.
"""

from __future__ import annotations

from mldock.evaluation.batch_invariance import check_batch_invariance, is_batch_invariant
from mldock.evaluation.measurement import predict_as_served

__all__ = ["check_batch_invariance", "is_batch_invariant", "predict_as_served"]
