"""The commands of the server, as far as kubectl sees them: what is called, and what follows."""

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


def test_rollout(own: Deployed, recorder: Recorder) -> None:
    """Only the image changes."""
    recorder.answer("rollout status", "successfully rolled out\n")
    result = own.deploy("rollout", "--stage", "prod", "--tag", "7")

    assert result.returncode == 0, result.stderr
    assert [call[:4] for call in recorder.calls()] == [
        ["set", "image", "deployment/my-model", f"serve={IMAGE}"],
        ["rollout", "status", "deployment/my-model"],
    ]


@pytest.mark.parametrize("options", [(), ("--undo-on-failure",)])
def test_a_rollout_that_fails(own: Deployed, recorder: Recorder, options: tuple[str, ...]) -> None:
    """It goes back where it is told to, and is a failure in any case."""
    fail(recorder)
    result = own.deploy("rollout", "--stage", "prod", "--tag", "7", *options)

    assert result.returncode == 1
    undone = [call[:3] for call in recorder.calls("undo")]
    assert undone == ([["rollout", "undo", "deployment/my-model"]] if options else [])
    assert ("kubernetes undo --stage prod" in result.stdout) == (not options)


def test_undo(own: Deployed, recorder: Recorder) -> None:
    """The revision before is waited for, and its image told."""
    spec = {"template": {"spec": {"containers": [{"name": "serve", "image": "x:6"}]}}}
    recorder.answer("get deployment/my-model", {"spec": spec})
    result = own.deploy("undo", "--stage", "prod")

    assert result.returncode == 0, result.stderr
    assert [call[:3] for call in recorder.calls("rollout")] == [
        ["rollout", "undo", "deployment/my-model"],
        ["rollout", "status", "deployment/my-model"],
    ]
    assert "x:6 serves at the stage prod again" in result.stdout


@pytest.mark.parametrize("command", [("rollout", "--tag", "7"), ("undo",)])
def test_without_a_server(own: Deployed, recorder: Recorder, command: tuple[str, ...]) -> None:
    """What is not there cannot be changed; the command that makes it is told."""
    recorder.answer("", told='Error from server (NotFound): deployments.apps "x" not found', code=1)
    result = own.deploy(*command, "--stage", "prod")

    assert result.returncode == 1
    assert "Make one: nox -s deploy -- kubernetes serve --stage prod" in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("kind", ["serve", "train"])
def test_delete(own: Deployed, recorder: Recorder, kind: str) -> None:
    """All that has the labels goes, but for disks."""
    recorder.answer("delete", "deleted\n")
    result = own.deploy("delete", kind, "--stage", "prod")

    assert result.returncode == 0, result.stderr
    ((_, kinds, selector, *_),) = recorder.calls("delete")
    labels = f"app.kubernetes.io/name=my-model,app.kubernetes.io/component={kind}"
    assert selector == f"--selector={labels}"
    workload = {"serve": "Deployment.apps", "train": "Job.batch"}[kind]
    assert {workload, "ConfigMap", "NetworkPolicy.networking.k8s.io"} <= set(kinds.split(","))
    assert "PersistentVolumeClaim" not in kinds


def test_disks_are_not_deleted(projects: Projects, recorder: Recorder, tmp_path: Path) -> None:
    """Data and models outlast what reads and writes them."""
    local = projects("generic", "local").copy(tmp_path / "local")
    local.settle({"kubernetes": {"context": "harbour", "namespace": "models"}})
    result = local.deploy("delete", "--stage", "prod")

    assert result.returncode == 0, result.stderr
    kinds = {kind for call in recorder.calls("delete") for kind in call[1].split(",")}
    assert {"Deployment.apps", "Job.batch"} <= kinds
    assert "PersistentVolumeClaim" not in kinds


def test_delete_all(own: Deployed, recorder: Recorder) -> None:
    """Without a kind both go; what was not there is told."""
    result = own.deploy("delete", "--stage", "prod")

    assert len(recorder.calls("delete")) == 2
    assert "There is nothing to delete of train at the stage prod." in result.stdout


@pytest.mark.parametrize(
    "command", [("serve",), ("rollout",), ("undo",), ("train",), ("delete",)], ids=" ".join
)
def test_no_cluster_is_guessed(own: Deployed, recorder: Recorder, command: tuple[str, ...]) -> None:
    """Without a context nothing is done, though kubectl would have taken the current one."""
    own.settle({"kubernetes": {}})
    result = own.deploy(*command, "--stage", "prod")

    assert result.returncode == 1
    assert "mldock.json names no cluster for the stage 'prod'" in result.stderr
    assert recorder.notes() == []
