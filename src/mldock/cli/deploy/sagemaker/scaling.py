"""How many hosts an endpoint has, by its load: AWS' Application Auto Scaling."""

from __future__ import annotations

from typing import Any

from mldock import ContainerError
from mldock.cli.deploy.sagemaker.account import Account
from mldock.cli.deploy.sagemaker.configuration import VARIANT
from mldock.deployment import Autoscaling

POLICY = "requests-of-each-host"

# Seconds: a new host takes minutes, and one that goes is soon missed.
OUT, IN = 60, 300


class Scaling:
    """The scaling of one endpoint."""

    def __init__(self, account: Account, endpoint: str) -> None:
        self.client = account.client("application-autoscaling")
        self.place = {
            "ServiceNamespace": "sagemaker",
            "ResourceId": f"endpoint/{endpoint}/variant/{VARIANT}",
            "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        }

    def is_on(self) -> bool:
        """Say whether the number of hosts is scaled."""
        answer: dict[str, Any] = self.client.describe_scalable_targets(
            ServiceNamespace=self.place["ServiceNamespace"],
            ResourceIds=[self.place["ResourceId"]],
            ScalableDimension=self.place["ScalableDimension"],
        )
        return bool(answer["ScalableTargets"])

    def turn_on(self, settings: Autoscaling) -> None:
        """Scale as mldock.json says; what is so already stays."""
        self.client.register_scalable_target(
            **self.place, MinCapacity=settings.minimum, MaxCapacity=settings.maximum
        )
        self.client.put_scaling_policy(
            **self.place,
            PolicyName=POLICY,
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": settings.requests_per_minute,
                "PredefinedMetricSpecification": {
                    "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
                },
                "ScaleOutCooldown": OUT,
                "ScaleInCooldown": IN,
            },
        )

    def turn_off(self) -> bool:
        """Leave the number of hosts as it is; say whether it was scaled."""
        if not self.is_on():
            return False
        self.client.deregister_scalable_target(**self.place)
        return True


def check_scaling(settings: Autoscaling | None) -> None:
    """Refuse a range that is none, before anything is made."""
    if settings and settings.minimum > settings.maximum:
        raise ContainerError(
            f"mldock.json: sagemaker.endpoint.autoscaling.minimum ({settings.minimum}) is more "
            f"than maximum ({settings.maximum}). Correct one of them."
        )
