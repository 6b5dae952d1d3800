"""The states that training jobs, transform jobs and endpoints go through, as AWS documents them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.deploy_sagemaker.front import Content, Front, Reply, refusal

# Secondary states of a training job, with SageMaker's messages.
TRAINING = [
    ("Starting", "Preparing the instances for training"),
    ("Downloading", "Downloading input data"),
    ("Training", "Training image download completed. Training in progress."),
    ("Uploading", "Uploading generated training model"),
    ("Completed", "Training job completed"),
]
FINAL = {"Completed", "Failed", "Stopped", "MaxRuntimeExceeded"}


@dataclass
class States:
    """What goes on in the account.

    Attributes:
        training: The secondary states of each training job, one a question.
        transform: The states of each transform job.
        endpoint: What an endpoint is after a creation or a change: one a question.
        reason: Why something fails.
        goes_back: The next change of an endpoint is undone by SageMaker.

    """

    front: Front
    training: Sequence[tuple[str, str]] = tuple(TRAINING)
    transform: Sequence[str] = ("InProgress", "InProgress", "Completed")
    endpoint: Sequence[str] = ("Creating", "Creating", "InService")
    reason: str = ""
    goes_back: bool = False
    asked: dict[str, int] = field(default_factory=dict)
    pending: dict[str, list[str]] = field(default_factory=dict)
    configurations: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Answer in front of moto."""
        self.front.changes |= {
            "DescribeTrainingJob": self.describe_training,
            "DescribeTransformJob": self.describe_transform,
            "DescribeEndpoint": self.describe_endpoint,
        }
        self.front.replies |= {
            "CreateEndpoint": self.create_endpoint,
            "UpdateEndpoint": self.update_endpoint,
            "DeleteEndpoint": self.delete_endpoint,
        }

    def step(self, name: str, states: Sequence[Any]) -> int:
        """Return the number of the state that a thing is in now."""
        number = min(self.asked.get(name, 0), len(states) - 1)
        self.asked[name] = number + 1
        return number

    def describe_training(self, request: Content, answer: Content) -> Content:
        """Tell the state of a training job and those before it."""
        past = self.training[: self.step(request["TrainingJobName"], self.training) + 1]
        state = past[-1][0]
        stopped = "Stopped" if state == "MaxRuntimeExceeded" else state
        start = answer["CreationTime"]
        change = {
            "TrainingJobStatus": stopped if state in FINAL else "InProgress",
            "SecondaryStatus": state,
            "SecondaryStatusTransitions": [
                {"Status": status, "StatusMessage": message, "StartTime": start}
                for status, message in past
            ],
        }
        if state == "Failed":
            change["FailureReason"] = self.reason
        return answer | change

    def describe_transform(self, request: Content, answer: Content) -> Content:
        """Tell the state of a transform job."""
        state = self.transform[self.step(request["TransformJobName"], self.transform)]
        failed = {"FailureReason": self.reason} if state == "Failed" else {}
        # moto has no reason as an empty text.
        kept = {key: value for key, value in answer.items() if value != ""}
        return kept | {"TransformJobStatus": state, **failed}

    def create_endpoint(self, request: Content) -> None:
        """Begin to make an endpoint; moto keeps it."""
        self.pending[request["EndpointName"]] = list(self.endpoint)

    def update_endpoint(self, request: Content) -> Reply:
        """Begin to change an endpoint; moto has no such call."""
        name = request["EndpointName"]
        status, answer = self.front.ask_moto("DescribeEndpoint", {"EndpointName": name})
        if status != 200:
            return status, answer
        if self.state(name) != "InService":
            return refusal("ValidationException", f"Cannot update endpoint {name} now.")
        self.pending[name] = ["Updating", "RollingBack" if self.goes_back else "Updating"]
        self.pending[name].append("InService")
        if not self.goes_back:
            self.configurations[name] = request["EndpointConfigName"]
        return 200, {"EndpointArn": answer["EndpointArn"]}

    def delete_endpoint(self, request: Content) -> Reply | None:
        """Begin to delete an endpoint, unless it is just changing."""
        name = request["EndpointName"]
        if name not in self.pending:
            return None
        if self.state(name) in {"Creating", "Updating", "RollingBack"}:
            return refusal("ValidationException", "Cannot update in-progress endpoint.")
        self.pending[name] = ["Deleting"]
        return 200, {}

    def describe_endpoint(self, request: Content, answer: Content) -> Content:
        """Tell the state of an endpoint, and go on to the next."""
        name = request["EndpointName"]
        state = self.state(name)
        if len(self.pending.get(name, [])) > 1:
            self.pending[name].pop(0)
        if state == "Deleting":
            del self.pending[name]
            self.configurations.pop(name, None)
            self.front.ask_moto("DeleteEndpoint", {"EndpointName": name})
        change = {"EndpointStatus": state}
        if name in self.configurations:
            change["EndpointConfigName"] = self.configurations[name]
        if state == "Failed" or (self.goes_back and state == "InService"):
            change["FailureReason"] = self.reason
        return answer | change

    def state(self, name: str) -> str:
        """Return the state of an endpoint."""
        return self.pending.get(name, ["InService"])[0]
