"""All overlays of all templates are what three versions of Kubernetes take, and hold together."""

from __future__ import annotations

import re
from typing import Any

import kubernetes_validate
import pytest

from tests.deploy_kubernetes.projects import KINDS, NAME, STAGES, Deployed, find, pod_of

VERSIONS = ("1.31", "1.34", "1.37")
LABEL = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")

WORKLOADS = {"serve": "Deployment", "train": "Job"}


def overlays(project: Deployed) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Return the objects of all overlays."""
    return {(stage, kind): project.overlay(stage, kind) for stage in STAGES for kind in KINDS}


@pytest.fixture(scope="module")
def built(project: Deployed) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Return the objects of all overlays of a project."""
    return overlays(project)


Built = dict[tuple[str, str], list[dict[str, Any]]]


@pytest.mark.parametrize("version", VERSIONS)
def test_schema(built: Built, version: str) -> None:
    """Each object is what the schema of a version says, and nothing more."""
    for objects in built.values():
        for one in objects:
            kubernetes_validate.validate(one, version, strict=True)


def test_schema_is_strict(built: Built) -> None:
    """An unknown field would be told."""
    deployment = find(built["prod", "serve"], "Deployment")
    deployment = {**deployment, "spec": {**deployment["spec"], "replicass": 2}}

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment, VERSIONS[0], strict=True)


def test_names(built: Built) -> None:
    """All is called after the image, in letters that DNS takes, with room for what follows."""
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


def test_selectors(built: Built) -> None:
    """What selects pods selects those of its own workload, and no others of the namespace."""
    for (_, kind), objects in built.items():
        labels = pod_of(find(objects, WORKLOADS[kind]))["metadata"]["labels"]
        chosen = {"app.kubernetes.io/name": NAME, "app.kubernetes.io/component": kind}
        selectors = [
            find(objects, "Service")["spec"]["selector"],
            find(objects, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
        ]
        if kind == "serve":
            owners = ("Deployment", "PodDisruptionBudget")
            selectors += [find(objects, one)["spec"]["selector"]["matchLabels"] for one in owners]
        assert all(selector == chosen for selector in selectors)
        assert chosen.items() <= labels.items()


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
    """Each pod keeps the strictest of the Pod Security Standards, with nothing else to write to."""
    for (_, kind), objects in built.items():
        pod = pod_of(find(objects, WORKLOADS[kind]))["spec"]
        (container,) = pod["containers"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 10_000
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        security = container["securityContext"]
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert security["readOnlyRootFilesystem"] is True
        assert security["allowPrivilegeEscalation"] is False
        assert container["resources"]["requests"].keys() >= {"cpu", "memory"}
        assert container["resources"]["limits"].keys() >= {"cpu", "memory"}
        assert "/tmp" in {mount["mountPath"] for mount in container["volumeMounts"]}


def test_image_and_stage(built: Built) -> None:
    """Plain kubectl runs the image of the stage, and tells it which stage it is."""
    for (stage, kind), objects in built.items():
        container = pod_of(find(objects, WORKLOADS[kind]))["spec"]["containers"][0]
        assert container["image"] == f"registry.example.com/team/my_model:{stage}"
        assert container["args"] == [kind]
        assert find(objects, "ConfigMap")["data"]["MLDOCK_STAGE"] == stage


def test_storage(project: Deployed, built: Built) -> None:
    """What training stores is what serving fetches, from a store or from a disk."""
    serve = find(built["prod", "serve"], "ConfigMap")["data"]
    train = find(built["prod", "train"], "ConfigMap")["data"]
    kinds = {one["kind"] for objects in built.values() for one in objects}
    mounts = {
        mount["mountPath"]: mount
        for mount in pod_of(find(built["prod", "serve"], "Deployment"))["spec"]["containers"][0][
            "volumeMounts"
        ]
    }
    if project.storage == "local":
        assert "PersistentVolumeClaim" in kinds
        assert mounts["/opt/ml/model"]["readOnly"] is True
        assert not any("CHANNEL" in name for name in {**serve, **train})
    else:
        assert "PersistentVolumeClaim" not in kinds
        stored = train["MLDOCK_OUTPUT_MODEL_CHANNEL_CLASSIFIER"]
        assert stored.startswith(f"{project.storage}://")
        assert serve["MLDOCK_INPUT_MODEL_CHANNEL_CLASSIFIER"] == stored
