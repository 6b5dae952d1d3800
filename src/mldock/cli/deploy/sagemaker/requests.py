"""Requests to an endpoint."""

from __future__ import annotations

from botocore.exceptions import ClientError
from mldock import ContainerError
from mldock.cli.deploy.sagemaker.target import Target
from mldock.cli.environment import ROOT

PAYLOAD = ROOT / "payload.json"


def snippet(target: Target) -> str:
    """Return how to ask the endpoint, by the command line and by Python."""
    name, region = target.endpoint, target.account.region
    return f"""\
Ask the endpoint {name}:
  aws sagemaker-runtime invoke-endpoint --endpoint-name {name} --region {region} \\
    --content-type application/json --body fileb://payload.json /dev/stdout
or in Python:
  import boto3
  client = boto3.client("sagemaker-runtime", "{region}")
  answer = client.invoke_endpoint(
      EndpointName="{name}", ContentType="application/json", Body=open("payload.json", "rb")
  )
  print(answer["Body"].read().decode())"""


def try_endpoint(target: Target) -> str:
    """Send payload.json and return the answer.

    Raises:
        ContainerError: There is no such file, or the model fails on it.

    """
    if not PAYLOAD.is_file():
        raise ContainerError(f"{PAYLOAD} is missing. Put a request there, or leave out --try.")
    client = target.account.client("sagemaker-runtime")
    try:
        answer = client.invoke_endpoint(
            EndpointName=target.endpoint,
            ContentType="application/json",
            Accept="application/json",
            Body=PAYLOAD.read_bytes(),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ModelError":
            raise
        told = error.response.get("OriginalMessage") or error.response["Error"]["Message"]
        raise ContainerError(f"The model fails on payload.json: {told}") from error
    return str(answer["Body"].read().decode("utf-8", "replace").strip())
