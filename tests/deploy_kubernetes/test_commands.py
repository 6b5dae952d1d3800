"""The commands, as far as kubectl sees them: what is called, and what follows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy_kubernetes.conftest import Projects
from tests.deploy_kubernetes.projects import Deployed, find, parse
from tests.deploy_kubernetes.recorder import Recorder

IMAGE = "registry.example.com/team/my_model:7"
POD = {
    "metadata": {"name": "my-model-abc", "creationTimestamp": "2026-01-01T00:00:00Z"},
    "spec": {"containers": [{"name": "serve"}]},
    "status": {"containerStatuses": [{"restartCount": 1, "state": {"running": {}}}]},
}
EVENTS = {
    "items": [
        {
            "involvedObject": {"name": "my-model-abc"},
            "reason": "Failed",
            "message": "the image is not there",
        },
        {"involvedObject": {"name": "other"}, "reason": "Failed", "message": "of somebody else"},
    ]
}


def fail(recorder: Recorder) -> None:
    """Let a rollout fail, with an event and a log that say why."""
    recorder.answer("rollout status", "Waiting for 1 of 2.\n", "it took too long\n", 1)
    recorder.answer("get pods", {"items": [POD]})
    recorder.answer("get events", EVENTS)
    recorder.answer("logs", "the model cannot be served\n")


def test_serve(own: Deployed, recorder: Recorder) -> None:
    """The rendered objects are applied by the server's rules, and waited for."""
    recorder.answer("apply", "deployment.apps/my-model serverside-applied\n")
    recorder.answer("rollout status", "successfully rolled out\n")
    result = own.deploy("serve", "--stage", "prod", "--tag", "7")

    assert result.returncode == 0, result.stderr
    (apply,) = recorder.calls("apply")
    assert {"--server-side", "--force-conflicts", "--field-manager=mldock"} <= set(apply)
    assert recorder.calls("rollout") == [["rollout", "status", "deployment/my-model"]]
    deployment = find(parse(recorder.applied()), "Deployment")
    assert deployment["spec"]["template"]["spec"]["containers"][0]["image"] == IMAGE
    assert "deployment.apps/my-model serverside-applied" in result.stdout
    assert f"{IMAGE} serves at the stage prod" in result.stdout
    assert "port-forward service/my-model 8080:80" in result.stdout


def test_a_server_that_does_not_come_up(own: Deployed, recorder: Recorder) -> None:
    """The events and the log of the pod in the way are shown, and no others."""
    fail(recorder)
    result = own.deploy("serve", "--stage", "prod", "--tag", "7")

    assert result.returncode == 1
    for said in ("it took too long", "the image is not there", "the model cannot be served"):
        assert said in result.stdout
    assert "of somebody else" not in result.stdout
    assert recorder.calls("logs")[0][:-1] == ["logs", "my-model-abc", "--tail=20", "--previous"]
    assert not [call for call in recorder.calls("rollout") if "undo" in call]


@pytest.mark.parametrize("options", [(), ("--undo-on-failure",)])
def test_rollout(own: Deployed, recorder: Recorder, options: tuple[str, ...]) -> None:
    """Only the image changes; a failure goes back where it is told to, and is one in any case."""
    recorder.answer("rollout status", "successfully rolled out\n", once=True)
    rollout = ("rollout", "--stage", "prod", "--tag", "7", *options)
    result = own.deploy(*rollout)
    assert result.returncode == 0, result.stderr
    assert [call[:4] for call in recorder.calls()] == [
        ["set", "image", "deployment/my-model", f"serve={IMAGE}"],
        ["rollout", "status", "deployment/my-model"],
    ]

    fail(recorder)
    result = own.deploy(*rollout)

    assert result.returncode == 1
    undone = [call[:3] for call in recorder.calls("undo")]
    assert undone == ([["rollout", "undo", "deployment/my-model"]] if options else [])
    assert ("kubernetes undo --stage prod" in result.stdout) == (not options)


def test_undo(own: Deployed, recorder: Recorder) -> None:
    """The revision before is waited for, and its image told; without a server that is told."""
    spec = {"template": {"spec": {"containers": [{"name": "serve", "image": "x:6"}]}}}
    recorder.answer("get deployment/my-model", {"spec": spec})
    result = own.deploy("undo", "--stage", "prod")

    assert result.returncode == 0, result.stderr
    assert [call[:3] for call in recorder.calls("rollout")] == [
        ["rollout", "undo", "deployment/my-model"],
        ["rollout", "status", "deployment/my-model"],
    ]
    assert "x:6 serves at the stage prod again" in result.stdout

    recorder.answer("", told='Error from server (NotFound): deployments.apps "x" not found', code=1)
    result = own.deploy("undo", "--stage", "prod")
    assert result.returncode == 1
    assert "Make one: nox -s deploy -- kubernetes serve --stage prod" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_delete(projects: Projects, recorder: Recorder, tmp_path: Path) -> None:
    """All that has the labels goes, but for disks: they outlast what reads and writes them."""
    local = projects("generic", "local").copy(tmp_path / "local")
    local.settle({"kubernetes": {"context": "harbour", "namespace": "models"}})
    recorder.answer("component=serve", "deleted\n")
    result = local.deploy("delete", "--stage", "prod")

    assert result.returncode == 0, result.stderr
    calls = recorder.calls("delete")
    for (_, kinds, selector, *_), kind in zip(calls, ("serve", "train"), strict=True):
        labels = f"app.kubernetes.io/name=my-model,app.kubernetes.io/component={kind}"
        assert selector == f"--selector={labels}"
        workload = {"serve": "Deployment.apps", "train": "Job.batch"}[kind]
        assert {workload, "ConfigMap", "NetworkPolicy.networking.k8s.io"} <= set(kinds.split(","))
        assert "PersistentVolumeClaim" not in kinds
    assert "There is nothing to delete of train at the stage prod." in result.stdout


@pytest.mark.parametrize("command", ["serve", "undo", "train", "delete"])
def test_no_cluster_is_guessed(own: Deployed, recorder: Recorder, command: str) -> None:
    """Without a context nothing is done, though kubectl would have taken the current one."""
    own.settle({"kubernetes": {}})
    result = own.deploy(command, "--stage", "prod")

    assert result.returncode == 1
    assert "mldock.json names no cluster for the stage 'prod'" in result.stderr
    assert recorder.notes() == []


RUN = {
    "spec": {"containers": [{"name": "train"}]},
    "status": {"containerStatuses": [{"restartCount": 0, "state": {"running": {}}}]},
}


def job(condition: str = "") -> dict[str, object]:
    """Return a Job as the cluster tells of it."""
    conditions = [{"type": condition, "status": "True", "reason": "Why", "message": "because"}]
    return {"status": {"conditions": conditions if condition else []}}


@pytest.mark.parametrize(("condition", "code"), [("Complete", 0), ("Failed", 1)])
def test_train(own: Deployed, recorder: Recorder, condition: str, code: int) -> None:
    """A run has a name of its own; its logs are shown, and its end is the exit code."""
    pod = {**RUN, "metadata": {"name": "run-0-x"}}
    pending = {**pod, "status": {"phase": "Pending"}}
    # A look that fails is taken again.
    recorder.answer("get job/", told="connection refused", code=1, once=True)
    recorder.answer("get job/", job(), once=True)
    recorder.answer("get job/", job(condition))
    recorder.answer("get pods", {"items": [pending]}, once=True)
    recorder.answer("get pods", {"items": [pod]})
    recorder.answer("logs", "epoch 1\nepoch 2\n")
    result = own.deploy("train", "--stage", "prod", "--tag", "7")

    assert result.returncode == code, result.stderr
    name = find(parse(recorder.applied()), "Job")["metadata"]["name"]
    assert name.startswith("my-model-train-20")
    assert f"get job/{name}" in " ".join(recorder.calls("get")[0])
    assert f"{name}: run-0-x Pending" in result.stdout
    assert "epoch 1\nepoch 2\n" in result.stdout
    assert ("because" in result.stdout) == (condition == "Failed")
    (log,) = recorder.calls("logs")
    assert log == ["logs", "--follow", "--container=train", "run-0-x"]


def test_hosts_are_told_apart(own: Deployed, recorder: Recorder) -> None:
    """Where several hosts print, each line begins with the host."""
    hosts = [{"name": "train", "env": [{"name": "MLDOCK_HOSTS", "value": "a,b"}]}]
    pods = [{**RUN, "metadata": {"name": f"run-{n}"}, "spec": {"containers": hosts}} for n in "01"]
    recorder.answer("get job/", job("Complete"))
    recorder.answer("get pods", {"items": pods})
    recorder.answer("logs", "epoch 1\n")
    result = own.deploy("train", "--stage", "prod", "--tag", "7")

    assert "run-0: epoch 1\n" in result.stdout
    assert "run-1: epoch 1\n" in result.stdout
