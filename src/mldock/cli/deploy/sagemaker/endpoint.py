"""`endpoint`: the model of the last training job, served."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from mldock import ContainerError
from mldock.cli.deploy.sagemaker.account import found
from mldock.cli.deploy.sagemaker.configuration import make_configuration
from mldock.cli.deploy.sagemaker.image import pushed_image
from mldock.cli.deploy.sagemaker.logs import Logs
from mldock.cli.deploy.sagemaker.model import make_model
from mldock.cli.deploy.sagemaker.names import as_tags
from mldock.cli.deploy.sagemaker.requests import snippet, try_endpoint
from mldock.cli.deploy.sagemaker.scaling import Scaling, check_scaling
from mldock.cli.deploy.sagemaker.target import Target, target_of
from mldock.cli.deploy.sagemaker.waiting import Answer, follow

GROUP = "/aws/sagemaker/Endpoints"

# In all others something goes on that ends by itself.
SETTLED = {"InService", "OutOfService", "Failed", "UpdateRollbackFailed"}

# Of the log of an endpoint that has failed.
LINES = 30


def deploy_endpoint(arguments: Namespace) -> int:
    """Make or change the endpoint, and return 0 if it serves what was asked for."""
    target = target_of(arguments, "role")
    check_scaling(target.settings.endpoint.autoscaling)
    image = pushed_image(target, arguments.tag)
    current = settled(target, target.endpoint)
    if current and not target.owns(current["EndpointArn"]):
        raise ContainerError(
            f"There is an endpoint {target.endpoint} that is not of this project and stage. "
            'Choose another name in mldock.json: "sagemaker": {"endpoint": {"name": "NAME"}}.'
        )
    model = make_model(target, image, arguments.model)
    configuration = make_configuration(target, image, model)
    scaling = Scaling(target.account, target.endpoint)
    fault = None
    if is_so(current, configuration):
        print(f"The endpoint {target.endpoint} is up to date.")
    else:
        fault = bring_up(target, scaling, current, configuration, as_tags(image.tags))
    if is_serving(target):
        scale(scaling, target)
    if fault:
        raise ContainerError(fault)
    print(snippet(target))
    if getattr(arguments, "try"):
        print(f"payload.json is answered with: {try_endpoint(target)}")
    return 0


def scale(scaling: Scaling, target: Target) -> None:
    """Have the number of hosts follow the load, or not, as mldock.json says."""
    if wanted := target.settings.endpoint.autoscaling:
        scaling.turn_on(wanted)
        print(f"It has {wanted.minimum} to {wanted.maximum} hosts, by its load.")
    elif scaling.turn_off():
        print("The number of its hosts follows its load no more.")


def is_serving(target: Target) -> bool:
    """Say whether the endpoint serves, if not what was asked for."""
    answer = found(target.client.describe_endpoint, EndpointName=target.endpoint)
    return answer is not None and answer["EndpointStatus"] == "InService"


def is_so(current: Answer | None, configuration: str) -> bool:
    """Say whether the endpoint serves what was asked for."""
    return (
        current is not None
        and current["EndpointStatus"] == "InService"
        and current["EndpointConfigName"] == configuration
    )


def bring_up(
    target: Target,
    scaling: Scaling,
    current: Answer | None,
    configuration: str,
    tags: list[dict[str, str]],
) -> str | None:
    """Give the endpoint its configuration, wait until it serves, and say why it does not."""
    client, name = target.client, target.endpoint
    if current and current["EndpointStatus"] == "Failed":
        # Nothing else can be done with it.
        take_down(target, name)
        current = None
    logs = Logs(target.account, f"{GROUP}/{name}")
    if current is None:
        client.create_endpoint(EndpointName=name, EndpointConfigName=configuration, Tags=tags)
        print(f"Making the endpoint {name}, which takes some minutes.")
    else:
        # As AWS asks: scaling pauses for the change, and the hosts stay as many as they are.
        scaled = scaling.turn_off()
        client.update_endpoint(
            EndpointName=name,
            EndpointConfigName=configuration,
            RetainAllVariantProperties=scaled,
        )
        print(f"Changing the endpoint {name}; until the new hosts serve, the old ones do.")
    answer = settled(target, target.endpoint)
    if is_so(answer, configuration):
        return None
    return failure(target, answer, logs.new())


def settled(target: Target, name: str) -> Answer | None:
    """Return an endpoint when nothing goes on with it any more; None if there is none."""

    def describe() -> Answer:
        return found(target.client.describe_endpoint, EndpointName=name) or {}

    def is_settled(answer: Answer) -> bool:
        return not answer or answer["EndpointStatus"] in SETTLED

    answer = describe()
    if not is_settled(answer):
        answer = follow(
            describe,
            is_settled,
            lambda answer: [answer["EndpointStatus"]] if answer else [],
            left=lambda: (
                f"SageMaker goes on with the endpoint {name}. To wait for it, run this again."
            ),
        )
    return answer or None


def take_down(target: Target, name: str) -> None:
    """Delete an endpoint, and wait until it is gone."""
    target.client.delete_endpoint(EndpointName=name)
    follow(
        lambda: found(target.client.describe_endpoint, EndpointName=name) or {},
        lambda answer: not answer,
        lambda answer: [answer["EndpointStatus"]] if answer else [],
        left=lambda: f"SageMaker goes on to delete the endpoint {name}. Run the command again.",
    )


def failure(target: Target, answer: Answer | None, log: list[str]) -> str:
    """Say why the endpoint does not serve what was asked for."""
    state: Any = answer or {"EndpointStatus": "Deleted"}
    status = state["EndpointStatus"]
    reason = state.get("FailureReason") or "SageMaker gives no reason."
    kept = " It still serves what it did before." if status == "InService" else ""
    told = f"The endpoint {target.endpoint} does not serve this ({status}): {reason}{kept}"
    if not log:
        return told
    return "\n".join(["The end of its log:", *(f"  {line}" for line in log[-LINES:]), told])
