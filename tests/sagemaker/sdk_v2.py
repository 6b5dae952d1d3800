"""Jobs and endpoints in the local mode of the SageMaker Python SDK, version 2.

It runs in the SDK's own virtual environment. Its argument, a JSON object, says what to do; the last
line that it prints says what came of it.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import boto3
from sagemaker.deserializers import BytesDeserializer, JSONDeserializer, NumpyDeserializer
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.local import LocalSession
from sagemaker.serializers import CSVSerializer, JSONSerializer, NumpySerializer

SERIALIZERS = {
    "text/csv": (CSVSerializer, BytesDeserializer),
    "application/json": (JSONSerializer, JSONDeserializer),
    "application/x-npy": (NumpySerializer, NumpyDeserializer),
}


def main(task: dict[str, Any]) -> dict[str, Any]:
    """Train, then serve and transform with what was trained, as far as the task asks for it."""
    session = LocalSession(boto3.Session(region_name="us-east-1"), default_bucket="none")
    session.config = {
        "local": {
            "local_code": True,
            "serving_port": task["port"],
            "container_root": task["folder"],
        }
    }
    results: dict[str, Any] = {"fits": []}
    for fit in task["fits"]:
        estimator = Estimator(
            image_uri=task["image"],
            role="arn:aws:iam::000000000000:role/none",
            instance_count=fit["hosts"],
            instance_type="local",
            sagemaker_session=session,
            output_path=f"file://{fit['output']}",
            hyperparameters=fit["hyperparameters"],
        )
        channels = {
            name: TrainingInput(f"file://{path}", content_type=content_type)
            for name, (path, content_type) in fit["channels"].items()
        }
        try:
            estimator.fit(channels)
            results["fits"].append(None)
        except Exception as error:
            results["fits"].append(f"{type(error).__name__}: {error}")
    if requests := task.get("requests"):
        results["answers"] = predict(estimator, requests)
    for transform in task.get("transforms", ()):
        transformer = estimator.transformer(
            1,
            "local",
            output_path=f"file://{transform['output']}",
            strategy=transform["strategy"],
            assemble_with=transform["assemble"],
            accept=transform["accept"],
        )
        # Its own default, True, asks the cloud for logs.
        transformer.transform(
            f"file://{transform['input']}",
            content_type="text/csv",
            split_type="Line",
            logs=False,
        )
    return results


def predict(estimator: Estimator, requests: list[tuple[str, Any]]) -> list[Any]:
    """Deploy, ask, delete; an answer that its deserializer cannot read is told as an error."""
    predictor = estimator.deploy(1, "local")
    answers: list[Any] = []
    try:
        for content_type, rows in requests:
            serializer, deserializer = SERIALIZERS[content_type]
            predictor.serializer, predictor.deserializer = serializer(), deserializer()
            try:
                answer = predictor.predict(rows)
            except Exception as error:
                answer = f"{type(error).__name__}: {error}"
            answers.append(answer)
    finally:
        predictor.delete_endpoint()
    return [readable(answer) for answer in answers]


def readable(answer: Any) -> Any:
    """Return an answer as JSON can hold it."""
    if isinstance(answer, bytes):
        return answer.decode()
    return answer.tolist() if hasattr(answer, "tolist") else answer


if __name__ == "__main__":
    print("\n" + json.dumps(main(json.loads(sys.argv[1]))))
