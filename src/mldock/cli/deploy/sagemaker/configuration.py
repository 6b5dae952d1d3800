"""The configuration of an endpoint: the same settings are the same configuration."""

from __future__ import annotations

from typing import Any

from mldock.cli.deploy.sagemaker.account import found
from mldock.cli.deploy.sagemaker.hosts import disk_key
from mldock.cli.deploy.sagemaker.image import Image
from mldock.cli.deploy.sagemaker.names import as_tags, name_by_content
from mldock.cli.deploy.sagemaker.target import Target

VARIANT = "AllTraffic"

# What a large model may take to load, in seconds.
STARTUP = 600


def make_configuration(target: Target, image: Image, model: str) -> str:
    """Return the name of the configuration; it is made unless it is there."""
    settings = target.settings
    endpoint = settings.endpoint
    content: dict[str, Any] = {
        "ProductionVariants": [
            {
                "VariantName": VARIANT,
                "ModelName": model,
                "InitialInstanceCount": endpoint.instance_count,
                "InstanceType": endpoint.instance_type,
                "InitialVariantWeight": 1,
                "ContainerStartupHealthCheckTimeoutInSeconds": STARTUP,
            }
        ],
        **disk_key("KmsKeyId", settings.kms_key, endpoint.instance_type),
    }
    if capture := endpoint.data_capture:
        content["DataCaptureConfig"] = {
            "EnableCapture": True,
            "InitialSamplingPercentage": capture.percentage,
            "DestinationS3Uri": capture.destination,
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
            # Other contents are kept in Base64.
            "CaptureContentTypeHeader": {
                "CsvContentTypes": ["text/csv"],
                "JsonContentTypes": ["application/json", "application/jsonlines"],
            },
            **({"KmsKeyId": settings.kms_key} if settings.kms_key else {}),
        }
    name = name_by_content(target.base, content)
    if found(target.client.describe_endpoint_config, EndpointConfigName=name) is None:
        tags = as_tags(image.tags)
        target.client.create_endpoint_config(EndpointConfigName=name, Tags=tags, **content)
    return name
