"""The model that all of them serve: `train.py FILE`."""
# Runs in an environment with scikit-learn only.
# mypy: ignore-errors

import sys

import joblib
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

irises = load_iris()
model = LogisticRegression(max_iter=1000)
model.fit(irises.data, irises.target_names[irises.target])
joblib.dump(model, sys.argv[1])
