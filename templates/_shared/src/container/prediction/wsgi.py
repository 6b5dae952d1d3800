"""What gunicorn imports: once, before it forks its workers; with `--reload` in each of them."""

from __future__ import annotations

from mldock.serving import load

from container.assets import ServingContainer
from container.prediction.predictor import ROUTES, create_app

# Loads the model by your src/prediction.py. Where that fails, the log has the reason and the
# server ends.
app = load("prediction", ServingContainer, ROUTES, create_app)
