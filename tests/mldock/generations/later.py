"""Generations B and C, from 0.8.21 on."""

from __future__ import annotations

import json

import yaml

from extensions.model import File
from tests.mldock.generations.common import DATA, DOCKERFILE, EXECUTOR, MODEL, TRAINING

LIFECYCLE = b"""\
import logging

from mldock.platform_helpers.mldock.configuration.environment.base import BaseEnvironment
from src.assets import ServingContainer, TrainingContainer

environment = BaseEnvironment()
logger = logging.getLogger("mldock")
training_container = TrainingContainer(
    container_environment=environment, container_logger=logger
)
serving_container = ServingContainer(container_environment=environment, container_logger=logger)
"""

WRAPPED = (
    b"""\
import argparse
import os

import numpy as np
from src.container.lifecycle import training_container
from src.nearest import NearestMean


@training_container.wrap
def run_training(environment, logger):
    parser = argparse.ArgumentParser()
    parser.add_argument("--shapes", default=os.path.join(environment.input_data_dir, "shapes"))
    parser.add_argument(
        "--test_size", type=float, default=environment.hyperparameters.get("test_size", 0.2)
    )
    args, _ = parser.parse_known_args()
"""
    + TRAINING
)

SERVER = b"""\
import numpy as np
from fastapi import FastAPI, HTTPException, Request
from mldock.platform_helpers.mldock.inference.content_encoders import (
    numpy as content_encoders,
)
from src.container.lifecycle import serving_container

app = FastAPI()


@app.on_event("startup")
def startup_event():
    serving_container.startup()


@serving_container.wrap
def handler(json_input, environment, logger, **kwargs):
    logger.info("a request")
    return serving_container.model.predict(np.array(json_input))


@app.get("/ping")
async def ping():
    return {"message": "ping!pong!"}


@app.post("/invocations")
async def transformation(request: Request):
    if request.headers["content-type"] != "application/json":
        raise HTTPException(status_code=415)
    return content_encoders.array_to_json(handler(await request.json()))
"""

ASSETS = b"""\
import os

import numpy as np
from mldock.platform_helpers.mldock.configuration.container import (
    BaseServingContainer,
    BaseTrainingContainer,
)
from src.nearest import NearestMean


class TrainingContainer(BaseTrainingContainer):
    pass


class ServingContainer(BaseServingContainer):
    def startup(self):
        super().startup()
        path = os.path.join(self.container_environment.model_dir, "shapes", "model.npz")
        saved = np.load(path)
        self.model = NearestMean()
        self.model.classes_, self.model.means_ = saved["classes"], saved["means"]
"""

# 0.8.21 to 0.8.25: FastAPI, and src/container/lifecycle.py.
B: dict[str, bytes | File] = {
    "mldock.json": json.dumps(
        {
            "image_name": "shape-model",
            "template": "generic",
            "requirements_dir": "src/requirements.txt",
            "mldock_module_dir": "src",
            "container_dir": "container",
            "data": [{"channel": "shapes", "filename": "shapes.csv", "type": "text/csv"}],
            "model": [{"channel": "shapes", "filename": "model.npz"}],
            "hyperparameters": {"test_size": 0.25},
            "environment": {},
            "stages": {},
        }
    ).encode(),
    "data/shapes/shapes.csv": DATA,
    "payload.json": b"[[1.0, 0.3], [8.5, 1.0]]",
    "src/requirements.txt": b"numpy\nmldock\n",
    "src/nearest.py": MODEL,
    "src/assets.py": ASSETS,
    "src/trainer.py": WRAPPED,
    "src/prediction.py": SERVER,
    "src/container/lifecycle.py": LIFECYCLE,
    "src/container/Dockerfile": DOCKERFILE,
    "src/container/executor.sh": EXECUTOR,
    "src/container/prediction/serve.py": b"import uvicorn\n",
    "src/container/training/train.py": b"from src.trainer import run_training\n\nrun_training()\n",
}

# 0.9: the image brings all, where a project has no lifecycle.py of its own.
C: dict[str, bytes | File] = {
    **{path: file for path, file in B.items() if "/prediction/" not in path},
    "mldock.yaml": yaml.safe_dump(
        {
            "image_name": "registry.example.com/shape-model",
            "template": "aws",
            "requirements_dir": "src/requirements.txt",
            "mldock_module_dir": "src",
            "container_dir": "container",
            "data": [
                {
                    "channel": "shapes",
                    "filename": "shapes.csv",
                    "type": "text/csv",
                    "remote": "lake",
                    "remote_path": "shapes/v1",
                    "compression": "zip",
                }
            ],
            "model": [
                {"channel": "shapes", "filename": "model.npz", "remote": "lake", "remote_path": "m"}
            ],
            "stages": {"dev": {"tag": "dev-3", "routine": {"train": "fast"}}, "nightly": {}},
            "routines": {"fast": ["python src/container/training/train.py"]},
            "hyperparameters": {"test_size": 0.25},
            "environment": {"db-password": "correct horse", "RETRIES": 3},
        }
    ).encode(),
    "src/container/Dockerfile": b"FROM mldockcloud/0.9.0-aws-py38-cpu:latest\n",
    "payload.json": b'{"shapes": [[1.0, 0.3], [8.5, 1.0]]}',
    "src/prediction.py": SERVER.replace(b"json_input))", b'json_input["shapes"]))'),
    "src/trainer.py": WRAPPED.replace(
        b"from src.nearest import NearestMean", b"import src.nearest"
    ).replace(b"NearestMean()", b"src.nearest.NearestMean()"),
}
for name in (
    "mldock.json",
    "src/container/executor.sh",
    "src/container/lifecycle.py",
    "src/container/training/train.py",
):
    del C[name]
