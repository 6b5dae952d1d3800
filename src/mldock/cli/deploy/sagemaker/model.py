"""A model on SageMaker: the image, and the model.tar.gz of a training job."""

from __future__ import annotations

from typing import Any

from mldock import ContainerError
from mldock.cli.deploy.sagemaker.account import found
from mldock.cli.deploy.sagemaker.hosts import vpc
from mldock.cli.deploy.sagemaker.image import Image
from mldock.cli.deploy.sagemaker.inputs import serving_variables
from mldock.cli.deploy.sagemaker.names import as_tags, name_by_content
from mldock.cli.deploy.sagemaker.target import Target


def make_model(target: Target, image: Image, archive: str | None) -> str:
    """Return the name of the model; it is made unless it is there.

    Args:
        target: The project at a stage.
        image: What serves it.
        archive: Its model.tar.gz; without one, that of the last training job.

    """
    content = {
        "PrimaryContainer": {
            "Image": image.name,
            "ModelDataUrl": checked(archive) if archive else last_model(target),
            "Environment": serving_variables(target),
        },
        "ExecutionRoleArn": target.settings.role,
        **vpc(target.settings),
    }
    # A tag that a person has chosen may have been given to another image since.
    name = name_by_content(target.base, {**content, "digest": image.digest})
    if found(target.client.describe_model, ModelName=name) is None:
        target.client.create_model(ModelName=name, Tags=as_tags(image.tags), **content)
        print(f"Made the model {name} of {content['PrimaryContainer']['ModelDataUrl']}.")
    return name


def checked(archive: str) -> str:
    """Return the place of a model, or refuse what SageMaker would only later."""
    if not archive.startswith("s3://") or not archive.endswith(".tar.gz"):
        raise ContainerError(
            f"--model {archive} is no archive on S3. Give what a training job has left: "
            "s3://BUCKET/PREFIX/JOB/output/model.tar.gz"
        )
    return archive


def last_model(target: Target) -> str:
    """Return the model of the last completed training job of this project and stage.

    Raises:
        ContainerError: There is none.

    """
    pages = target.client.get_paginator("list_training_jobs").paginate(
        NameContains=target.base,
        StatusEquals="Completed",
        SortBy="CreationTime",
        SortOrder="Descending",
    )
    for page in pages:
        for job in newest_first(page["TrainingJobSummaries"]):
            name = job["TrainingJobName"]
            if name.startswith(f"{target.base}-") and target.owns(job["TrainingJobArn"]):
                answer = target.client.describe_training_job(TrainingJobName=name)
                print(f"Its model is that of the training job {name}.")
                return str(answer["ModelArtifacts"]["S3ModelArtifacts"])
    stage = f" --stage {target.stage}" if target.stage else ""
    raise ContainerError(
        "No training job of this project and stage is completed. Train: "
        f"nox -s deploy -- sagemaker train{stage}, or name a model: --model s3://.../model.tar.gz"
    )


def newest_first(jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return jobs by the time of their start."""
    return sorted(jobs, key=lambda job: job["CreationTime"], reverse=True)
