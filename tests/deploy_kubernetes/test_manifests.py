"""All overlays are what Kubernetes takes, hold together, and fit what the container does."""

from __future__ import annotations

import re
from typing import Any

import kubernetes_validate
import pytest
from mldock import Environment
from mldock.serving.settings import read_settings

from tests.deploy_kubernetes.projects import KINDS, NAME, STAGES, Deployed, Objects, find, pod_of

# The oldest and the newest that are supported.
VERSIONS = ("1.31", "1.37")
LABEL = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")

WORKLOADS = {"serve": "Deployment", "train": "Job"}

Built = dict[tuple[str, str], Objects]


@pytest.fixture(scope="module")
def built(project: Deployed) -> Built:
    """Return the objects of all overlays of a project."""
    return {(stage, kind): project.overlay(stage, kind) for stage in STAGES for kind in KINDS}


@pytest.fixture
def serve(made: Deployed) -> Objects:
    """Return the objects of the server in production."""
    return made.overlay("prod", "serve")


@pytest.fixture
def train(made: Deployed) -> Objects:
    """Return the objects of a training in production."""
    return made.overlay("prod", "train")


def only_container(workload: dict[str, Any]) -> dict[str, Any]:
    """Return the container of a workload."""
    (container,) = pod_of(workload)["spec"]["containers"]
    found: dict[str, Any] = container
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_schema(built: Built, version: str) -> None:
    """Each object is what the schema of a version says, and nothing more."""
    for objects in built.values():
        for one in objects:
            kubernetes_validate.validate(one, version, strict=True)


def test_names_and_selectors(built: Built) -> None:
    """All is called after the image, in letters that DNS takes; pods are selected by their own."""
    for (_, kind), objects in built.items():
        for one in objects:
            name = one["metadata"]["name"]
            assert LABEL.fullmatch(name)
            assert name.startswith(NAME)
            labels = one["metadata"]["labels"]
            assert labels["app.kubernetes.io/name"] == NAME
            assert labels["app.kubernetes.io/part-of"] == NAME
            assert labels["app.kubernetes.io/managed-by"] == "kustomize"
            if one["kind"] != "PersistentVolumeClaim":
                assert labels["app.kubernetes.io/component"] == kind
        chosen = {"app.kubernetes.io/name": NAME, "app.kubernetes.io/component": kind}
        selectors = [
            find(objects, "Service")["spec"]["selector"],
            find(objects, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
        ]
        if kind == "serve":
            owners = ("Deployment", "PodDisruptionBudget")
            selectors += [find(objects, one)["spec"]["selector"]["matchLabels"] for one in owners]
        assert all(selector == chosen for selector in selectors)
        pod = pod_of(find(objects, WORKLOADS[kind]))
        assert chosen.items() <= pod["metadata"]["labels"].items()


def test_references(built: Built) -> None:
    """What an object names is there."""
    for (_, kind), objects in built.items():
        names = {(one["kind"], one["metadata"]["name"]) for one in objects}
        pod = pod_of(find(objects, WORKLOADS[kind]))["spec"]
        container = pod["containers"][0]
        assert ("ServiceAccount", pod["serviceAccountName"]) in names
        for source in container["envFrom"]:
            assert ("ConfigMap", source["configMapRef"]["name"]) in names
        for volume in pod["volumes"]:
            if claim := volume.get("persistentVolumeClaim"):
                assert ("PersistentVolumeClaim", claim["claimName"]) in names
        volumes = {volume["name"] for volume in pod["volumes"]}
        assert {mount["name"] for mount in container["volumeMounts"]} == volumes
        if kind == "serve":
            target = find(objects, "HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]
            assert (target["kind"], target["name"]) in names
            port = find(objects, "Service")["spec"]["ports"][0]["targetPort"]
            assert port in {one["name"] for one in container["ports"]}
        else:
            assert ("Service", pod["subdomain"]) in names


def test_pods_are_restricted(built: Built) -> None:
    """They run as a user without rights, and may write to /tmp; the rest is test_policy.py's."""
    for (_, kind), objects in built.items():
        pod = pod_of(find(objects, WORKLOADS[kind]))["spec"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert "/tmp" in {mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"]}


def test_image_and_stage(built: Built) -> None:
    """Plain kubectl runs the image of the stage, and tells it which stage it is."""
    for (stage, kind), objects in built.items():
        container = only_container(find(objects, WORKLOADS[kind]))
        assert container["image"] == f"registry.example.com/team/my_model:{stage}"
        assert container["args"] == [kind]
        assert find(objects, "ConfigMap")["data"]["MLDOCK_STAGE"] == stage


def test_storage(project: Deployed, built: Built) -> None:
    """What training stores is what serving fetches, from a store or from a disk."""
    serve = find(built["prod", "serve"], "ConfigMap")["data"]
    train = find(built["prod", "train"], "ConfigMap")["data"]
    kinds = {one["kind"] for objects in built.values() for one in objects}
    server = only_container(find(built["prod", "serve"], "Deployment"))
    mounts = {mount["mountPath"]: mount for mount in server["volumeMounts"]}
    if project.storage == "local":
        assert "PersistentVolumeClaim" in kinds
        assert mounts["/opt/ml/model"]["readOnly"] is True
        assert not any("CHANNEL" in name for name in {**serve, **train})
    else:
        assert "PersistentVolumeClaim" not in kinds
        stored = train["MLDOCK_OUTPUT_MODEL_CHANNEL_CLASSIFIER"]
        assert stored.startswith(f"{project.storage}://")
        assert serve["MLDOCK_INPUT_MODEL_CHANNEL_CLASSIFIER"] == stored


def test_probes(serve: Objects) -> None:
    """Who is not ready gets no requests and is not killed; a start may take all its time."""
    deployment = find(serve, "Deployment")
    container = only_container(deployment)
    startup = container["startupProbe"]

    assert startup["httpGet"] == {"path": "/ping", "port": "http"}
    assert container["readinessProbe"]["httpGet"] == {"path": "/ping", "port": "http"}
    assert container["livenessProbe"]["tcpSocket"] == {"port": "http"}
    assert "httpGet" not in container["livenessProbe"]
    seconds = startup["periodSeconds"] * startup["failureThreshold"]
    assert deployment["spec"]["progressDeadlineSeconds"] > seconds


def test_ports(serve: Objects) -> None:
    """The ports are those where the container listens by default, and the policy's too."""
    settings = read_settings({})
    deployment = find(serve, "Deployment")
    ports = {one["name"]: one["containerPort"] for one in only_container(deployment)["ports"]}
    annotations = pod_of(deployment)["metadata"]["annotations"]
    ingress = find(serve, "NetworkPolicy")["spec"]["ingress"]

    assert ports == {"http": settings.port, "metrics": settings.metrics_port}
    assert annotations["prometheus.io/port"] == str(settings.metrics_port)
    assert [port["port"] for rule in ingress for port in rule["ports"]] == ["http", "metrics"]


def test_there_is_time_to_stop(serve: Objects, train: Objects) -> None:
    """The last answer and the last checkpoint come before the kill."""
    deployment = find(serve, "Deployment")
    drain = int(find(serve, "ConfigMap")["data"]["MLDOCK_SERVER_DRAIN"])
    sleep = int(only_container(deployment)["lifecycle"]["preStop"]["exec"]["command"][1])
    grace = pod_of(deployment)["spec"]["terminationGracePeriodSeconds"]
    assert grace >= sleep + drain + read_settings({}).timeout + 10

    saving = Environment(variables={}).stop_grace
    assert pod_of(find(train, "Job"))["spec"]["terminationGracePeriodSeconds"] >= saving + 10


def test_a_stopped_training_is_started_again(train: Objects) -> None:
    """The code of a stopped training, and a node that goes, cost no retry."""
    job = find(train, "Job")
    variables = {one["name"]: one.get("value") for one in only_container(job)["env"]}
    rules = job["spec"]["podFailurePolicy"]["rules"]

    assert {rule["action"] for rule in rules} == {"Ignore"}
    codes = [rule["onExitCodes"] for rule in rules if "onExitCodes" in rule]
    assert codes == [{"containerName": "train", "operator": "In", "values": [143]}]
    assert variables["MLDOCK_STOPPED_EXIT_CODE"] == "143"
    assert pod_of(job)["spec"]["restartPolicy"] == "Never"


def test_a_change_keeps_a_server(serve: Objects) -> None:
    """A rollout keeps all pods, and a drain of a node takes one, however many there are."""
    deployment = find(serve, "Deployment")["spec"]
    budget = find(serve, "PodDisruptionBudget")["spec"]

    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert "replicas" not in deployment
    assert budget["maxUnavailable"] == 1
    assert "minAvailable" not in budget


def test_hosts_find_each_other(train: Objects) -> None:
    """The names of hosts exist before they are ready, and lead to the pods themselves."""
    service = find(train, "Service")["spec"]
    policy = find(train, "NetworkPolicy")["spec"]

    assert service["clusterIP"] == "None"
    assert service["publishNotReadyAddresses"] is True
    assert policy["ingress"] == [{"from": [{"podSelector": policy["podSelector"]}]}]
    assert policy["egress"][0] == {"to": [{"podSelector": policy["podSelector"]}]}
