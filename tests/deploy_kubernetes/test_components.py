"""The optional parts: retraining, KServe and Kubeflow run the same pods."""

from __future__ import annotations

from typing import Any

import kubernetes_validate
import pytest

from tests.deploy_kubernetes.conftest import Projects
from tests.deploy_kubernetes.projects import Deployed, find, pod_of
from tests.deploy_kubernetes.test_manifests import VERSIONS


@pytest.fixture(scope="module")
def torch(projects: Projects) -> Deployed:
    """Return a project of the template that Kubeflow's operator is for."""
    return projects("pytorch", "gs")


def as_pod(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a pod, which has a schema where the object that holds it has none."""
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pod"}, "spec": spec}


def test_retrain(made: Deployed) -> None:
    """The CronJob makes the runs of the Job, which itself is not run."""
    job = find(made.overlay("prod", "train"), "Job")
    objects = made.overlay("prod", "train", "retrain")
    cron_job = find(objects, "CronJob")

    assert cron_job["spec"]["jobTemplate"]["spec"] == job["spec"]
    assert "Job" not in {one["kind"] for one in objects}
    for one in objects:
        for version in VERSIONS:
            kubernetes_validate.validate(one, version, strict=True)


def test_kserve(made: Deployed) -> None:
    """KServe gets the pod of the Deployment, and makes all else by itself."""
    deployment = find(made.overlay("prod", "serve"), "Deployment")
    objects = made.overlay("prod", "serve", "kserve")
    service = find(objects, "InferenceService")
    predictor = dict(service["spec"]["predictor"])
    pod = pod_of(deployment)["spec"]

    kinds = {one["kind"] for one in objects}
    assert not kinds & {"Deployment", "Service", "HorizontalPodAutoscaler"}
    (container,) = predictor["containers"]
    assert container == {**pod["containers"][0], "name": "kserve-container"}
    for name in pod.keys() - {"containers"}:
        assert predictor[name] == pod[name], name
    # Whom the network policy and the budget select.
    chosen = find(objects, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"]
    assert predictor["labels"] == chosen
    spec = {name: predictor[name] for name in pod}
    kubernetes_validate.validate(as_pod(spec), VERSIONS[-1], strict=True)


def test_pytorchjob(torch: Deployed, made: Deployed) -> None:
    """Kubeflow's operator gets the pod of the Job, without what only a Job can give it.

    Other templates have no such component.
    """
    assert not (made.path / "deploy/kubernetes/components/pytorchjob").exists()
    pod = pod_of(find(torch.overlay("prod", "train"), "Job"))["spec"]
    objects = torch.overlay("prod", "train", "pytorchjob")
    job = find(objects, "PyTorchJob")

    assert not {one["kind"] for one in objects} & {"Job", "Service"}
    config = find(objects, "ConfigMap")["metadata"]["name"]
    for replica in ("Master", "Worker"):
        spec = job["spec"]["pytorchReplicaSpecs"][replica]["template"]["spec"]
        (container,) = spec["containers"]
        assert container["name"] == "pytorch"
        assert "env" not in container
        assert container["envFrom"] == [{"configMapRef": {"name": config}}]
        assert container["securityContext"] == pod["containers"][0]["securityContext"]
        assert spec["volumes"] == pod["volumes"]
        assert not spec.keys() & {"subdomain", "restartPolicy"}
        kubernetes_validate.validate(as_pod(spec), VERSIONS[-1], strict=True)
