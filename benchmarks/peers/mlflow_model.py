"""Save the estimator as an MLflow model: `mlflow_model.py JOBLIB FOLDER`."""
# Found in the peer's environment only.
# mypy: disable-error-code="import-not-found, import-untyped, misc, untyped-decorator"

from __future__ import annotations

import sys

import joblib
import mlflow.sklearn

mlflow.sklearn.save_model(joblib.load(sys.argv[1]), sys.argv[2], serialization_format="cloudpickle")
