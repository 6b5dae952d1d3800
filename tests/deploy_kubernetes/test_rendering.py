"""What the tool applies: the overlay of the stage, with the image and the values of mldock.json."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from tests.deploy_kubernetes.projects import Deployed, Objects, find, pod_of
from tests.deploy_kubernetes.test_manifests import VERSIONS

STORE = "s3://registry-example-com-team-my-model"


def values(objects: Objects) -> dict[str, str]:
    """Return what mldock.json has added to the environment."""
    (found,) = [one for one in objects if "-values-" in one["metadata"]["name"]]
    data: dict[str, str] = found["data"]
    return data


def container(objects: Objects, kind: str) -> dict[str, Any]:
    """Return the container of a workload."""
    (found,) = pod_of(find(objects, kind))["spec"]["containers"]
    result: dict[str, Any] = found
    return result


def test_image_and_values(own: Deployed) -> None:
    """The image is that of the tag; values are those of the stage, after the overlay's."""
    own.settle({"environment": {"SERVER_DRAIN": 20, "LOGS_LEVEL": "DEBUG"}})
    objects = own.render("serve", "--stage", "prod", "--tag", "1.2", "-e", "GREETING", ' "hi" ')

    served = container(objects, "Deployment")
    assert served["image"] == "registry.example.com/team/my_model:1.2"
    assert values(objects) == {
        "MLDOCK_STAGE": "prod",
        "MLDOCK_SERVER_DRAIN": "20",
        "MLDOCK_LOGS_LEVEL": "DEBUG",
        "MLDOCK_GREETING": ' "hi" ',
        "MLDOCK_INPUT_MODEL_CHANNEL_CLASSIFIER": f"{STORE}/model",
    }
    names = [source["configMapRef"]["name"] for source in served["envFrom"]]
    assert names[-1].startswith("my-model-values-")
    for one in objects:
        kubernetes_validate.validate(one, VERSIONS[0], strict=True)


def test_version_and_commit_name_the_image(own: Deployed) -> None:
    """Without a tag it is the image that `nox -s push` has sent of this commit."""
    # The number of tokens of a text is not a token.
    objects = own.render("--stage", "dev", "-e", "MAX_TOKENS", "7")

    image = container(objects, "Deployment")["image"]
    assert image.startswith("registry.example.com/team/my_model:0.1.0-")
    labels = find(objects, "Deployment")["metadata"]["labels"]
    assert labels["app.kubernetes.io/version"] == "0.1.0"
    assert values(objects)["MLDOCK_MAX_TOKENS"] == "7"


def test_pods_get_the_time_that_settings_need(own: Deployed) -> None:
    """Whoever lets predictions take longer, or drains longer, has pods that are waited for."""
    own.settle({"environment": {"SERVER_DRAIN": 30, "SERVER_TIMEOUT": 300, "STOP_GRACE": 600}})

    server = find(own.render("serve", "--stage", "prod"), "Deployment")
    assert pod_of(server)["spec"]["terminationGracePeriodSeconds"] == 20 + 30 + 300
    job = find(own.render("train", "--stage", "prod"), "Job")
    assert pod_of(job)["spec"]["terminationGracePeriodSeconds"] == 610


def test_channels(own: Deployed) -> None:
    """A server fetches its own input, else what training stores; data are for training alone."""
    model = [
        {"name": "classifier", "remote": "s3://best/model"},
        {"name": "classifier", "remote": "s3://new/model", "direction": "output"},
    ]
    data = [{"name": "training", "remote": "s3://a/b", "unpack": True}]
    own.settle(
        {"data": data, "model": model, "checkpoints": "s3://a/checkpoints", "stages": {"dev": {}}}
    )

    assert values(own.render("serve", "--stage", "dev")) == {
        "MLDOCK_STAGE": "dev",
        "MLDOCK_INPUT_MODEL_CHANNEL_CLASSIFIER": "s3://best/model",
    }
    trained = values(own.render("train", "--stage", "dev", "-p", "seed", "7"))
    assert trained == {
        "MLDOCK_STAGE": "dev",
        "MLDOCK_INPUT_CHANNEL_TRAINING": "s3://a/b",
        "MLDOCK_UNPACK_CHANNELS": "training",
        "MLDOCK_INPUT_MODEL_CHANNEL_CLASSIFIER": "s3://best/model",
        "MLDOCK_OUTPUT_MODEL_CHANNEL_CLASSIFIER": "s3://new/model",
        "MLDOCK_CHECKPOINTS": "s3://a/checkpoints",
        "MLDOCK_HYPERPARAMETERS": '{"seed": "7"}',
    }


@pytest.mark.parametrize("component", ["", "retrain"])
def test_hosts(own: Deployed, component: str) -> None:
    """Three hosts are three pods, each of which knows the names of all."""
    own.settle({"hosts": 3})
    if component:
        overlay = own.path / "deploy/kubernetes/overlays/prod/train/kustomization.yaml"
        lines = f"components:\n  - ../../../components/{component}\n"
        overlay.write_text(overlay.read_text("utf-8") + lines, "utf-8")
    objects = own.render("train", "--stage", "prod")
    workload = find(objects, "CronJob" if component else "Job")
    spec = workload["spec"]["jobTemplate"]["spec"] if component else workload["spec"]
    pod = spec["template"]["spec"]
    variables = {one["name"]: one for one in pod["containers"][0]["env"]}

    assert (spec["completions"], spec["parallelism"], spec["backoffLimit"]) == (3, 3, 9)
    assert spec["completionMode"] == "Indexed"
    hosts = [f"$(JOB_NAME)-{number}.{pod['subdomain']}" for number in range(3)]
    assert variables["MLDOCK_HOSTS"]["value"] == ",".join(hosts)
    label = "metadata.labels['batch.kubernetes.io/job-name']"
    assert variables["JOB_NAME"]["valueFrom"]["fieldRef"]["fieldPath"] == label
    # A variable may be built of those before it alone.
    assert list(variables).index("JOB_NAME") < list(variables).index("MLDOCK_HOSTS")


@pytest.mark.parametrize(
    "variable",
    [
        ("HUB_TOKEN", "x"),
        ("DATABASE", "postgres://me:secret@host/db"),
    ],
)
def test_credentials_are_refused(own: Deployed, variable: tuple[str, str]) -> None:
    """A credential is told where it belongs, and its value is not told at all."""
    result = own.deploy("render", "--stage", "prod", "-e", *variable)

    assert result.returncode == 1
    assert "create secret generic" in result.stderr
    assert "secretRef" in result.stderr
    assert variable[1] not in result.stderr.replace("secret generic", "").split()
    assert not (own.path / ".mldock/deploy").exists()


def test_what_is_missing(own: Deployed, tmp_path: Path) -> None:
    """A stage, kubectl or a registry that is missing is told, with what to do."""
    missing = {
        "none is chosen. Use one of these: --stage dev, --stage prod, --stage test.": (),
        "overlays has no 'staging'. Use one of these: --stage dev": ("--stage", "staging"),
    }
    for told, arguments in missing.items():
        result = own.deploy("render", *arguments)
        assert (result.returncode, len(result.stderr.splitlines())) == (1, 1)
        assert told in result.stderr
    result = own.deploy("render", "--stage", "prod", PATH=str(tmp_path))
    assert result.returncode == 1
    assert "There is no kubectl command. Install" in result.stderr
    own.settle({"image_name": "my-model"})
    result = own.deploy("render", "--stage", "prod")
    assert result.returncode == 1
    assert "mldock.json names no registry" in result.stderr


def test_a_project_without_the_files(own: Deployed) -> None:
    """One that was made for another place is told how it gets them."""
    shutil.rmtree(own.path / "deploy")
    for arguments in (("render",), ("serve", "--stage", "prod"), ("undo", "--stage", "prod")):
        result = own.deploy(*arguments)
        assert (result.returncode, len(result.stderr.splitlines())) == (1, 1)
        assert "copier update --data deploy=kubernetes" in result.stderr


def test_a_mistake_in_an_overlay_is_told(own: Deployed) -> None:
    """What kustomize says reaches the person, without a traceback."""
    path = own.path / "deploy/kubernetes/overlays/prod/serve/kustomization.yaml"
    path.write_text(path.read_text("utf-8") + "\nresourses: []\n", "utf-8")
    result = own.deploy("render", "--stage", "prod")

    assert result.returncode == 1
    assert "kubectl kustomize failed" in result.stderr
    assert "resourses" in result.stderr
    assert "Traceback" not in result.stderr
