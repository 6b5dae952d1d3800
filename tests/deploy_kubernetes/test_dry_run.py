"""`--dry-run`: the overlay of the stage with the image and the values of mldock.json, as YAML."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from tests.deploy_kubernetes.projects import Deployed, Objects, find, parse, pod_of
from tests.deploy_kubernetes.recorder import Recorder
from tests.deploy_kubernetes.test_manifests import VERSIONS

STORE = "s3://registry-example-com-team-my-model"


def values(objects: Objects, kind: str) -> dict[str, str]:
    """Return the variables that a container has by value."""
    (container,) = pod_of(find(objects, kind))["spec"]["containers"]
    listed: list[dict[str, Any]] = container["env"]
    return {one["name"]: one["value"] for one in listed if "value" in one}


def test_image_and_values(own: Deployed) -> None:
    """The image has the tag; values are those of mldock.json, the stage and the options."""
    own.settle({"environment": {"SERVER_DRAIN": 20, "LOGS_LEVEL": "DEBUG"}})
    # Neither a number of tokens nor a tokenizer is a token.
    said = ("-e", "GREETING", ' "hi" ', "-e", "MAX_TOKENS", "1e3", "-e", "TOKENIZER", "$(HOME)\n$")
    objects = own.render("serve", "--stage", "prod", "--tag", "1.2", *said)

    deployment = find(objects, "Deployment")
    (container,) = pod_of(deployment)["spec"]["containers"]
    assert container["image"] == "registry.example.com/team/my_model:1.2"
    assert values(objects, "Deployment") == {
        "MLDOCK_STAGE": "prod",
        "MLDOCK_SERVER_DRAIN": "20",
        "MLDOCK_LOGS_LEVEL": "DEBUG",
        "MLDOCK_GREETING": ' "hi" ',
        "MLDOCK_MAX_TOKENS": "1e3",
        # Kubernetes reads "$$" as "$", and "$(HOME)" as the value of another variable.
        "MLDOCK_TOKENIZER": "$$(HOME)\n$$",
        "MLDOCK_INPUT_MODEL_CHANNEL_CLASSIFIER": f"{STORE}/model",
    }
    for one in objects:
        kubernetes_validate.validate(one, VERSIONS[0], strict=True)


def test_kubectl_reads_what_is_printed(own: Deployed) -> None:
    """The output is YAML whose strings kubectl does not take for numbers."""
    arguments = ("train", "--stage", "prod", "--dry-run", "-e", "RATE", "1e-3", "-e", "ANSWER", "y")
    folder = own.path / "deploy/kubernetes/overlays/printed"
    folder.mkdir()
    printed = own.deploy(*arguments).stdout
    (folder / "objects.yaml").write_text(printed, "utf-8")
    (folder / "kustomization.yaml").write_text("resources: [objects.yaml]", "utf-8")

    read = values(parse(own.build("overlays/printed")), "Job")
    assert (read["MLDOCK_RATE"], read["MLDOCK_ANSWER"]) == ("1e-3", "y")
    assert not printed.startswith("{")


def test_nothing_is_needed(own: Deployed, recorder: Recorder) -> None:
    """Without a registry, a cluster and a commit it is told what was assumed, as comments."""
    own.settle({"image_name": "my-model", "kubernetes": {}})
    (own.path / "src" / "trainer.py").write_text("# changed\n", "utf-8")
    for command in ("serve", "train", "rollout", "undo", "delete"):
        result = own.deploy(command, "--stage", "prod", "--dry-run")
        assert result.returncode == 0, result.stderr
        assert all(line.startswith("# ") for line in result.stderr.splitlines())
        assert "# mldock.json names no kubernetes.context" in result.stderr
        if command in ("serve", "train"):
            assert "registry.example.com/my-model:DRY-RUN" in result.stdout
            assert parse(result.stdout)
        else:
            assert result.stdout.startswith("kubectl --context=CONTEXT ")
    assert recorder.calls() == []


def test_commands_are_printed(own: Deployed, recorder: Recorder) -> None:
    """What changes a server is one command of kubectl."""
    printed = {
        ("rollout", "--tag", "7"): "set image deployment/my-model "
        "serve=registry.example.com/team/my_model:7",
        ("undo",): "rollout undo deployment/my-model",
        ("delete", "train"): "app.kubernetes.io/component=train",
    }
    for command, line in printed.items():
        result = own.deploy(*command, "--stage", "prod", "--dry-run")
        assert result.stdout.startswith("kubectl --context=harbour --namespace=models "), command
        assert result.stdout.rstrip().endswith(line)
    assert recorder.calls() == []


def test_commit_names_the_image(own: Deployed) -> None:
    """Without a tag it is the image that `nox -s push` has sent of this commit."""
    (container,) = pod_of(find(own.render("serve", "--stage", "dev"), "Deployment"))["spec"][
        "containers"
    ]
    assert container["image"].startswith("registry.example.com/team/my_model:0.1.0-")


def test_pods_get_the_time_that_settings_need(own: Deployed) -> None:
    """A longer prediction, or a longer drain, gives pods longer to stop."""
    own.settle({"environment": {"SERVER_DRAIN": 30, "SERVER_TIMEOUT": 300, "STOP_GRACE": 600}})

    server = find(own.render("serve", "--stage", "prod"), "Deployment")
    assert pod_of(server)["spec"]["terminationGracePeriodSeconds"] == 20 + 30 + 300 + 300
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

    assert values(own.render("serve", "--stage", "dev"), "Deployment") == {
        "MLDOCK_STAGE": "dev",
        "MLDOCK_INPUT_MODEL_CHANNEL_CLASSIFIER": "s3://best/model",
    }
    trained = values(own.render("train", "--stage", "dev", "-p", "seed", "7"), "Job")
    assert (
        trained.items()
        >= {
            "MLDOCK_STAGE": "dev",
            "MLDOCK_INPUT_CHANNEL_TRAINING": "s3://a/b",
            "MLDOCK_UNPACK_CHANNELS": "training",
            "MLDOCK_INPUT_MODEL_CHANNEL_CLASSIFIER": "s3://best/model",
            "MLDOCK_OUTPUT_MODEL_CHANNEL_CLASSIFIER": "s3://new/model",
            "MLDOCK_CHECKPOINTS": "s3://a/checkpoints",
            "MLDOCK_HYPERPARAMETERS": '{"seed": "7"}',
        }.items()
    )


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
    "variable", [("HUB_TOKEN", "x"), ("DATABASE", "postgres://me:secret@host/db")]
)
def test_credentials_are_refused(own: Deployed, variable: tuple[str, str]) -> None:
    """The message says where a credential belongs, without its value."""
    result = own.deploy("serve", "--dry-run", "--stage", "prod", "-e", *variable)

    assert (result.returncode, result.stdout) == (1, "")
    assert "create secret generic" in result.stderr
    assert "secretRef" in result.stderr
    assert variable[1] not in result.stderr.replace("secret generic", "").split()


def test_what_is_missing(own: Deployed, tmp_path: Path) -> None:
    """Each message about a stage, kubectl or an overlay says what to do."""
    result = own.deploy("serve", "--dry-run", "--stage", "prod", PATH=str(tmp_path))
    assert result.returncode == 1
    assert "There is no kubectl. Install" in result.stderr

    path = own.path / "deploy/kubernetes/overlays/prod/serve/kustomization.yaml"
    path.write_text(path.read_text("utf-8") + "\nresourses: []\n", "utf-8")
    result = own.deploy("serve", "--dry-run", "--stage", "prod")
    assert result.returncode == 1
    assert result.stderr.startswith("kubectl kustomize failed.")
    assert "resourses" in result.stderr

    assert "required: --stage" in own.deploy("serve").stderr
    shutil.rmtree(own.path / "deploy")
    result = own.deploy("undo", "--stage", "prod")
    assert (result.returncode, len(result.stderr.splitlines())) == (1, 1)
    assert "copier update --data deploy=kubernetes" in result.stderr


def test_settings_are_asked_for_at_once(own: Deployed, recorder: Recorder) -> None:
    """What mldock.json lacks is told before anything is asked of a cluster, all of it at once."""
    own.settle({"image_name": "my-model", "kubernetes": {}})
    (own.path / "src" / "trainer.py").write_text("# changed\n", "utf-8")
    result = own.deploy("serve", "--stage", "prod", "--yes")

    assert result.returncode == 1
    first, _, rest = result.stderr.partition("\n")
    assert first == ('Kubernetes needs more settings. Add to mldock.json, or to its stage "prod":')
    assert json.loads(f"{{{rest}}}").keys() == {"registry", "kubernetes"}
    result = own.deploy("undo", "--stage", "prod", "--yes")
    assert '"context"' in result.stderr
    assert "registry" not in result.stderr
    assert recorder.calls() == []
