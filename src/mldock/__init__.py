"""The life-cycle of a container: where it reads, what it is told, what it saves.

`Environment` reads the directories, the channels and the hyperparameters once, at the start.
`TrainingLifecycle` and `ServingLifecycle` download before the script and upload after it;
`container/assets.py` extends them.
"""

from mldock.aws import AWSEnvironment
from mldock.azure import AzureEnvironment
from mldock.classification import report_classification
from mldock.environment import Environment
from mldock.errors import ContainerError, StopRequested
from mldock.gcp import GCPEnvironment
from mldock.lifecycle import ServingLifecycle, TrainingLifecycle
from mldock.metrics import report_metric

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
