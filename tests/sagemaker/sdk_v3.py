"""Jobs and endpoints in the local mode of the SageMaker Python SDK, version 3.

It runs in the SDK's own virtual environment. Its argument, a JSON object, says what to do; the last
line that it prints says what came of it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import boto3
from sagemaker.core.deserializers import NumpyDeserializer
from sagemaker.core.local import LocalSession
from sagemaker.core.serializers import NumpySerializer
from sagemaker.core.training.configs import Compute, InputData, SourceCode
from sagemaker.train.model_trainer import Mode, ModelTrainer

NPY = "application/x-npy"


def main(task: dict[str, Any]) -> dict[str, Any]:
    """Train, then serve and transform with what was trained, as far as the task asks for it."""
    results: dict[str, Any] = {"fits": []}
    for fit in task["fits"]:
        Path(fit["output"]).mkdir()
        channels = [
            InputData(channel_name=name, data_source=path)
            if content_type is None
            else InputData(channel_name=name, data_source=path, content_type=content_type)
            for name, (path, content_type) in fit["channels"].items()
        ]
        source_code = fit.get("source_code")
        trainer = ModelTrainer(
            training_mode=Mode.LOCAL_CONTAINER,
            training_image=task["image"],
            base_job_name="mldock",
            compute=Compute(instance_type="local_cpu", instance_count=fit["hosts"]),
            hyperparameters=fit["hyperparameters"],
            input_data_config=channels,
            source_code=SourceCode(**source_code) if source_code else None,
            local_container_root=fit["output"],
        )
        try:
            trainer.train()
            results["fits"].append(None)
        except Exception as error:
            results["fits"].append(f"{type(error).__name__}: {error}")
    if "requests" in task or "transforms" in task:
        model = Path(task["fits"][-1]["output"]) / "compressed_artifacts" / "model.tar.gz"
        results["answers"] = serve(task, model)
    return results


def serve(task: dict[str, Any], model: Path) -> list[Any]:
    """Serve by the low-level client: it is all that version 3 has for an image of one's own."""
    session = LocalSession(boto3.Session(region_name="us-east-1"), default_bucket="none")
    session.config = {"local": {"serving_port": task["port"], "container_root": task["folder"]}}
    client, runtime = session.sagemaker_client, session.sagemaker_runtime_client
    client.create_model(
        ModelName="model",
        PrimaryContainer={
            "Image": task["image"],
            "ModelDataUrl": f"file://{model}",
            "Environment": {},
        },
    )
    answers = []
    if requests := task.get("requests"):
        variant = {
            "VariantName": "all",
            "ModelName": "model",
            "InitialInstanceCount": 1,
            "InstanceType": "local",
        }
        client.create_endpoint_config("config", [variant])
        client.create_endpoint("endpoint", "config")
        try:
            for content_type, body in requests:
                if content_type == NPY:
                    body = NumpySerializer().serialize(body)
                answer = runtime.invoke_endpoint(body, "endpoint", content_type, content_type)
                status = answer["ResponseMetadata"]["HTTPStatusCode"]
                if content_type == NPY:
                    value = NumpyDeserializer().deserialize(answer["Body"], NPY).tolist()
                else:
                    value = answer["Body"].read().decode()
                answers.append((status, value))
        finally:
            client.delete_endpoint("endpoint")
    for number, transform in enumerate(task.get("transforms", ())):
        source = {
            "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"file://{transform['input']}"}
        }
        output = {"S3OutputPath": f"file://{transform['output']}", "Accept": transform["accept"]}
        if transform["assemble"]:
            output["AssembleWith"] = transform["assemble"]
        strategy = {"BatchStrategy": transform["strategy"]} if transform["strategy"] else {}
        client.create_transform_job(
            f"transform-{number}",
            "model",
            {"DataSource": source, "ContentType": "text/csv", "SplitType": "Line"},
            output,
            {"InstanceType": "local", "InstanceCount": 1},
            **strategy,
        )
    return answers


if __name__ == "__main__":
    print("\n" + json.dumps(main(json.loads(sys.argv[1]))))
