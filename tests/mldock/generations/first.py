"""Generation A, up to 0.8.20."""

from __future__ import annotations

import json

from extensions.model import File
from tests.mldock.generations.common import DATA, DOCKERFILE, EXECUTOR, MODEL, TRAINING

# Up to 0.8.20: assets.py lies in the container's folder, the server is Flask.
A: dict[str, bytes | File] = {
    "mldock.json": json.dumps(
        {
            "image_name": "shape-model",
            "platform": "generic",
            "requirements.txt": "src/requirements.txt",
            "mldock_module_dir": "src",
            "container_dir": "container",
            "data": [],
            "model": [],
            "hyperparameters": {"test-size": "0.25"},
            "environment": {"MLDOCK_LOGS_LEVEL": "debug", "region": "north"},
        },
        indent=1,
    ).encode(),
    "data/shapes/shapes.csv": DATA,
    "payload.json": b'[{"width": 1, "height": 0.3}, {"width": 8.5, "height": 1}]',
    "README.md": b"# Shapes\n\nSorts shapes by size.\n",
    "src/requirements.txt": b"mldock\nflask\n",
    "src/nearest.py": MODEL,
    "src/trainer.py": b"""\
import argparse
import os

import numpy as np
from src.container.assets import environment, logger
from src.nearest import NearestMean


def run_training():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shapes", default=os.path.join(environment.input_data_dir, "shapes"))
    parser.add_argument(
        "--test-size", type=float, default=environment.hyperparameters.get("test-size", 0.2)
    )
    args = parser.parse_args()
"""
    + TRAINING
    + b"""

if __name__ == "__main__":
    run_training()
""",
    "src/prediction.py": b"""\
import os

import numpy as np
from mldock.platform_helpers.mldock.errors import extract_stack_trace
from mldock.platform_helpers.mldock.model_service import base
from src.container.assets import environment, logger
from src.nearest import NearestMean


class ModelService(base.ModelService):
    def load_model(self, model_path):
        saved = np.load(model_path)
        model = NearestMean()
        model.classes_, model.means_ = saved["classes"], saved["means"]
        return model

    def predict(self, input):
        try:
            return self.model.predict(np.array(input))
        except Exception:
            logger.error(extract_stack_trace())
            raise


def handler(json_input):
    service = ModelService(model_path=os.path.join(environment.model_dir, "shapes/model.npz"))
    return service.predict([[row["width"], row["height"]] for row in json_input])
""",
    "src/container/assets.py": b"""\
import logging

from mldock.platform_helpers.mldock.configuration.container import (
    BaseServingContainer,
    BaseTrainingContainer,
)
from mldock.platform_helpers.mldock.configuration.environment.base import BaseEnvironment

logger = logging.getLogger("mldock")
environment = BaseEnvironment(base_dir="/opt/ml/")


class TrainingContainer(BaseTrainingContainer):
    def startup(self):
        super(TrainingContainer, self).startup()
        logger.info("begins in %s", self.environment.environment_variables("MLDOCK_REGION"))

    def cleanup(self):
        (self.environment.output_data_dir / "done.txt").write_text("done")
        super(TrainingContainer, self).cleanup()


class ServingContainer(BaseServingContainer):
    pass
""",
    "src/container/Dockerfile": DOCKERFILE,
    "src/container/executor.sh": EXECUTOR,
    "src/container/prediction/nginx.conf": b"worker_processes 1;\n",
    "src/container/prediction/predictor.py": b"import flask\n",
    "src/container/prediction/serve.py": b"print('serve')\n",
    "src/container/prediction/wsgi.py": b"from .predictor import app\n",
    "src/container/training/train.py": b"from src.trainer import run_training\n\nrun_training()\n",
    "service/compose/docker-compose.yml": b"services: {}\n",
    "tests/container_health/test_container.py": b"def test_nothing():\n    pass\n",
    "src/__pycache__/trainer.cpython-38.pyc": b"\x00\x01",
}
