"""Machines of SageMaker: their network, and the disks that a key can encrypt."""

from __future__ import annotations

import re
from typing import Any

from mldock.deployment import Sagemaker

# They have disks of their own, which always are encrypted; SageMaker refuses a key for these.
OWN_DISK = re.compile(
    r"ml\.([a-z]+\d+[a-z]*d[a-z]*|g5|g6e?|g7e?|gr6|p5|p5en?|p6-[a-z0-9]+|dl1|trn\d+n?)\."
)


def vpc(settings: Sagemaker) -> dict[str, Any]:
    """Return the network of the hosts, if mldock.json names one."""
    if settings.network is None:
        return {}
    return {
        "VpcConfig": {
            "Subnets": settings.network.subnets,
            "SecurityGroupIds": settings.network.security_groups,
        }
    }


def disk_key(name: str, key: str | None, instance_type: str) -> dict[str, str]:
    """Return the key of the disks, where SageMaker takes one."""
    return {} if key is None or OWN_DISK.match(instance_type) else {name: key}
