"""Where a project runs beyond this machine: what `nox -s deploy` reads from mldock.json."""

from __future__ import annotations

from mldock.settings import Settings
from pydantic import Field

S3_URI = r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?$"


class Network(Settings):
    """The private network that SageMaker attaches its hosts to."""

    subnets: list[str] = Field(min_length=1, max_length=16, description="Ids of subnets.")
    security_groups: list[str] = Field(
        min_length=1, max_length=5, description="Ids of security groups."
    )


class Training(Settings):
    """The hosts of a training job; `hosts` of the stage says how many."""

    instance_type: str = Field("ml.m5.large", description="The kind of each host.")
    volume_gb: int = Field(30, ge=1, description="The disk of each host, in GB.")
    max_hours: float = Field(24, gt=0, le=672, description="The job is stopped after so long.")
    spot: bool = Field(
        False, description="Spare capacity, cheaper; the job goes on from its checkpoints."
    )
    max_wait_hours: float | None = Field(
        None, gt=0, le=672, description="With spot: the wait for capacity and the training."
    )


class Autoscaling(Settings):
    """How many hosts the endpoint has, by its load."""

    minimum: int = Field(1, ge=1, description="The fewest hosts.")
    maximum: int = Field(4, ge=1, description="The most hosts.")
    requests_per_minute: float = Field(
        600, gt=0, description="Of one host; beyond it the endpoint gets another."
    )


class Endpoint(Settings):
    """A server that SageMaker keeps running."""

    name: str | None = Field(
        None,
        pattern=r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$",
        description="Its name; image name and stage if absent.",
    )
    instance_type: str = Field("ml.m5.large", description="The kind of each host.")
    instance_count: int = Field(1, ge=1, description="The number of hosts at the start.")
    autoscaling: Autoscaling | None = Field(None, description="Without it the number stays.")


class Batch(Settings):
    """The hosts of a batch transform job."""

    instance_type: str = Field("ml.m5.large", description="The kind of each host.")
    instance_count: int = Field(1, ge=1, description="The number of hosts.")


class Sagemaker(Settings):
    """What SageMaker is to run, and as whom."""

    region: str | None = Field(None, description="The region; that of the registry if absent.")
    role: str | None = Field(
        None,
        pattern=r"^arn:aws[a-z-]*:iam::\d{12}:role/.+$",
        description="The role that the containers have.",
    )
    output: str | None = Field(
        None, pattern=S3_URI, description="Where jobs leave models, outputs and checkpoints."
    )
    kms_key: str | None = Field(None, description="The key that encrypts disks and outputs.")
    network: Network | None = Field(None, description="Without it SageMaker's own network.")
    training: Training = Field(Training(), description="Training jobs.")
    endpoint: Endpoint = Field(Endpoint(), description="The endpoint.")
    batch: Batch = Field(Batch(), description="Batch transform jobs.")


class Kubernetes(Settings):
    """The cluster; what runs in it is said in deploy/kubernetes/."""

    context: str | None = Field(None, description="A context of kubectl; needed to deploy.")
    namespace: str | None = Field(None, description="The namespace; that of the context if absent.")
