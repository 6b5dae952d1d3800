"""The life-cycle of a container: where it reads, what it is told, what it saves.

`Environment` reads the directories, the channels and the hyperparameters once, at the start.
`TrainingLifecycle` and `ServingLifecycle` download before the script and upload after it;
`container/assets.py` extends them.
"""

from container.lifecycle.aws import AWSEnvironment
from container.lifecycle.azure import AzureEnvironment
from container.lifecycle.classification import report_classification
from container.lifecycle.containers import ServingLifecycle, TrainingLifecycle
from container.lifecycle.environment import Environment
from container.lifecycle.errors import ContainerError, StopRequested
from container.lifecycle.gcp import GCPEnvironment
from container.lifecycle.metrics import report_metric

__all__ = [
    "AWSEnvironment",
    "AzureEnvironment",
    "ContainerError",
    "Environment",
    "GCPEnvironment",
    "ServingLifecycle",
    "StopRequested",
    "TrainingLifecycle",
    "report_classification",
    "report_metric",
]
