"""What a container knows of the place it runs in, and what it does before and after your code.

`Environment` reads the directories, the channels and the variables once, at the start.
`TrainingLifecycle` and `ServingLifecycle` download before the script and upload after it;
`container/assets.py` extends them. The server is in `mldock.serving`, the job in `mldock.training`.
"""

from mldock.aws import AWSEnvironment
from mldock.azure import AzureEnvironment
from mldock.classification import report_classification
from mldock.environment import Environment
from mldock.errors import ContainerError, StopRequested
from mldock.gcp import GCPEnvironment
from mldock.lifecycle import ServingLifecycle, TrainingLifecycle
from mldock.metrics import log_metric

__all__ = [
    "AWSEnvironment",
    "AzureEnvironment",
    "ContainerError",
    "Environment",
    "GCPEnvironment",
    "ServingLifecycle",
    "StopRequested",
    "TrainingLifecycle",
    "log_metric",
    "report_classification",
]
