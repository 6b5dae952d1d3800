"""Probes, endings and hosts of the manifests fit what the container does."""

from __future__ import annotations

from typing import Any

import pytest

from container.lifecycle import Environment
from container.prediction.settings import read_settings
from tests.deploy_kubernetes.projects import Deployed, find, pod_of


@pytest.fixture(scope="module")
def serve(made: Deployed) -> list[dict[str, Any]]:
    """Return the objects of the server in production."""
    return made.overlay("prod", "serve")


@pytest.fixture(scope="module")
def train(made: Deployed) -> list[dict[str, Any]]:
    """Return the objects of a training in production."""
    return made.overlay("prod", "train")


def only_container(workload: dict[str, Any]) -> dict[str, Any]:
    """Return the container of a workload."""
    (container,) = pod_of(workload)["spec"]["containers"]
    found: dict[str, Any] = container
    return found


def test_probes(serve: list[dict[str, Any]]) -> None:
    """Who is not ready gets no requests, and is not killed for that."""
    container = only_container(find(serve, "Deployment"))

    assert container["startupProbe"]["httpGet"] == {"path": "/ping", "port": "http"}
    assert container["readinessProbe"]["httpGet"] == {"path": "/ping", "port": "http"}
    assert container["livenessProbe"]["tcpSocket"] == {"port": "http"}
    assert "httpGet" not in container["livenessProbe"]


def test_a_rollout_waits_longer_than_a_start(serve: list[dict[str, Any]]) -> None:
    """A start that takes all its time is not called a failure before."""
    deployment = find(serve, "Deployment")
    startup = only_container(deployment)["startupProbe"]

    seconds = startup["periodSeconds"] * startup["failureThreshold"]
    assert deployment["spec"]["progressDeadlineSeconds"] > seconds
    assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_ports(serve: list[dict[str, Any]]) -> None:
    """The ports are those where the container listens by default, and the policy's too."""
    settings = read_settings({})
    deployment = find(serve, "Deployment")
    ports = {one["name"]: one["containerPort"] for one in only_container(deployment)["ports"]}
    annotations = pod_of(deployment)["metadata"]["annotations"]
    ingress = find(serve, "NetworkPolicy")["spec"]["ingress"]

    assert ports == {"http": settings.port, "metrics": settings.metrics_port}
    assert annotations["prometheus.io/port"] == str(settings.metrics_port)
    assert [port["port"] for rule in ingress for port in rule["ports"]] == ["http", "metrics"]


def test_there_is_time_to_stop(serve: list[dict[str, Any]], train: list[dict[str, Any]]) -> None:
    """The last answer and the last checkpoint come before the kill."""
    deployment = find(serve, "Deployment")
    drain = int(find(serve, "ConfigMap")["data"]["MLDOCK_SERVER_DRAIN"])
    sleep = int(only_container(deployment)["lifecycle"]["preStop"]["exec"]["command"][1])
    grace = pod_of(deployment)["spec"]["terminationGracePeriodSeconds"]
    assert grace >= sleep + drain + read_settings({}).timeout + 10

    saving = Environment(variables={}).stop_grace
    assert pod_of(find(train, "Job"))["spec"]["terminationGracePeriodSeconds"] >= saving + 10


def test_a_stopped_training_is_started_again(train: list[dict[str, Any]]) -> None:
    """The code of a stopped training, and a node that goes, cost no retry."""
    job = find(train, "Job")
    variables = {one["name"]: one.get("value") for one in only_container(job)["env"]}
    rules = job["spec"]["podFailurePolicy"]["rules"]

    assert {rule["action"] for rule in rules} == {"Ignore"}
    codes = [rule["onExitCodes"] for rule in rules if "onExitCodes" in rule]
    assert codes == [{"containerName": "train", "operator": "In", "values": [143]}]
    assert variables["MLDOCK_STOPPED_EXIT_CODE"] == "143"
    assert pod_of(job)["spec"]["restartPolicy"] == "Never"


def test_a_single_pod_does_not_stop_a_drain(serve: list[dict[str, Any]]) -> None:
    """The budget admits that one pod goes, however many there are."""
    budget = find(serve, "PodDisruptionBudget")["spec"]

    assert budget["maxUnavailable"] == 1
    assert "minAvailable" not in budget
    assert "replicas" not in find(serve, "Deployment")["spec"]


def test_hosts_find_each_other(train: list[dict[str, Any]]) -> None:
    """The names of hosts exist before they are ready, and lead to the pods themselves."""
    service = find(train, "Service")["spec"]
    policy = find(train, "NetworkPolicy")["spec"]

    assert service["clusterIP"] == "None"
    assert service["publishNotReadyAddresses"] is True
    assert policy["ingress"] == [{"from": [{"podSelector": policy["podSelector"]}]}]
    assert policy["egress"][0] == {"to": [{"podSelector": policy["podSelector"]}]}
