"""The commands, as far as kubectl sees them: what is called, and what follows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.deploy_kubernetes.conftest import Projects
from tests.deploy_kubernetes.projects import Deployed, find, parse
from tests.deploy_kubernetes.recorder import Recorder

OLD, NEW = (f"registry.example.com/team/my_model:{tag}" for tag in "67")
STAGE = ("--stage", "prod", "--yes")
DEPLOYMENT = "deployment/my-model"


SHORT = {
    "HorizontalPodAutoscaler": "hpa",
    "PodDisruptionBudget": "pdb",
    "NetworkPolicy": "netpol",
}


def pod(name: str = "my-model-abc", **state: Any) -> dict[str, Any]:
    """Return a pod whose container is in a state."""
    container = {"ready": False, "state": state}
    return {"metadata": {"name": name}, "status": {"containerStatuses": [container]}}


def test_serve(own: Deployed, recorder: Recorder) -> None:
    """The objects are applied by the server's rules, and waited for."""
    recorder.answer(f"get {DEPLOYMENT}", OLD, once=True)
    recorder.answer(f"get {DEPLOYMENT}", NEW)
    recorder.answer("apply", "deployment.apps/my-model serverside-applied\n")
    recorder.answer("rollout status", "successfully rolled out\n")
    result = own.deploy("serve", *STAGE, "--tag", "7")

    assert result.returncode == 0, result.stderr
    (apply,) = recorder.calls("apply")
    assert {"--server-side", "--force-conflicts", "--field-manager=mldock"} <= set(apply)
    assert recorder.calls("rollout")[0][:3] == ["rollout", "status", DEPLOYMENT]
    deployment = find(parse(recorder.applied()), "Deployment")
    assert deployment["spec"]["template"]["spec"]["containers"][0]["image"] == NEW
    shown, *_, last = result.stdout.splitlines()
    assert shown == f"Serve {NEW}:"
    for said in ("--context=harbour --namespace=models", f"replaces {OLD}", "Service/my-model"):
        assert said in result.stdout
    assert last == f"{NEW} serves at the stage prod."


def test_nothing_is_changed_without_consent(own: Deployed, recorder: Recorder) -> None:
    """Where nobody can be asked, each command ends before it changes anything."""
    recorder.answer("rollout undo", f"  Containers:\n   serve:\n    Image:\t{OLD}\n    Port: 1\n")
    recorder.answer("get", "job.batch/my-model-train-1\n")
    for command in ("serve", "train", "rollout", "undo", "delete"):
        result = own.deploy(command, "--stage", "prod")
        assert result.returncode == 1
        assert "Add --yes, or --dry-run." in result.stderr
        if command == "undo":
            assert result.stdout.startswith(f"Serve {OLD}:\n")
    assert {call[0] for call in recorder.calls()} == {"get", "rollout"}
    assert all("--dry-run=client" in call for call in recorder.calls("rollout"))


PROBLEMS = {
    "waits: x:7 not found. Push it, or name imagePullSecrets.": pod(
        waiting={"reason": "ImagePullBackOff", "message": "x:7 not found"}
    ),
    "ended with exit code 1: ValueError: no model": pod(
        terminated={"exitCode": 1, "message": "Traceback\nValueError: no model\n"}
    ),
    "needs more memory: raise its limit": pod(terminated={"exitCode": 137, "reason": "OOMKilled"}),
    'waits: secret "x" not found.': pod(
        waiting={"reason": "CreateContainerConfigError", "message": 'secret "x" not found'}
    ),
    "runs, but is not ready.": pod(running={}),
    "does not fit on a node: 3 Insufficient cpu. Lower its requests": {
        "metadata": {"name": "my-model-abc"},
        "status": {
            "conditions": [
                {"type": "PodScheduled", "status": "False", "message": "3 Insufficient cpu."}
            ]
        },
    },
}


@pytest.mark.parametrize("line", PROBLEMS)
def test_a_server_that_does_not_come_up(own: Deployed, recorder: Recorder, line: str) -> None:
    """One line says why and what to do; kubectl shows events and the log of that pod."""
    recorder.answer("rollout status", "Waiting for 1 of 2.\n", "it took too long\n", 1)
    gone = pod("my-model-old", terminated={"exitCode": 143})
    gone["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    recorder.answer("get pods", {"items": [gone, PROBLEMS[line]]})
    recorder.answer("logs", "the model cannot be served\n")
    result = own.deploy("serve", *STAGE, "--tag", "7")

    assert result.returncode == 1
    # Once after two minutes, once at the end.
    (said,) = {said for said in result.stdout.splitlines() if said.startswith("my-model-")}
    assert said.startswith(f"my-model-abc {line}")
    assert "the model cannot be served" in result.stdout
    assert "it took too long" in result.stderr
    assert "kubernetes undo --stage prod" in result.stdout
    assert recorder.calls("logs") == [["logs", "my-model-abc", "--tail=20"]]
    assert not [call for call in recorder.calls("rollout") if "undo" in call]


@pytest.mark.parametrize("options", [(), ("--undo-on-failure",)])
def test_rollout(own: Deployed, recorder: Recorder, options: tuple[str, ...]) -> None:
    """Only the image changes; a failure goes back where it is told to, and is one in any case."""
    recorder.answer("get deployment", OLD)
    # Not all who may change an image may read pods.
    recorder.answer("get pods", told="Forbidden", code=1)
    recorder.answer("rollout status", "successfully rolled out\n", once=True)
    rollout = ("rollout", *STAGE, "--tag", "7", *options)
    result = own.deploy(*rollout)
    assert result.returncode == 0, result.stderr
    changes = [call[:4] for call in recorder.calls() if call[0] in ("set", "apply", "rollout")]
    assert changes == [
        ["set", "image", DEPLOYMENT, f"serve={NEW}"],
        ["rollout", "status", DEPLOYMENT, "--timeout=2m"],
    ]

    recorder.answer("rollout status", code=1)
    result = own.deploy(*rollout)

    assert result.returncode == 1
    undone = [call[:3] for call in recorder.calls("undo")]
    assert undone == ([["rollout", "undo", DEPLOYMENT]] if options else [])


def test_undo(own: Deployed, recorder: Recorder) -> None:
    """The revision before is waited for, and its image told; without a server that is told."""
    recorder.answer("--dry-run=client", f"   serve:\n    Image:\t{OLD}\n    Port: 8080\n")
    recorder.answer("get deployment", NEW, once=True)
    recorder.answer("get deployment", OLD)
    result = own.deploy("undo", *STAGE)

    assert result.returncode == 0, result.stderr
    assert f"Serve {OLD}:\n" in result.stdout
    assert f"replaces {NEW}\n" in result.stdout
    assert [call[:3] for call in recorder.calls("rollout")][1:] == [
        ["rollout", "undo", DEPLOYMENT],
        ["rollout", "status", DEPLOYMENT],
    ]
    assert f"{OLD} serves at the stage prod." in result.stdout


def test_rollout_without_a_server(own: Deployed, recorder: Recorder) -> None:
    """What is not there yet cannot be changed."""
    for command in ("rollout", "undo"):
        result = own.deploy(command, *STAGE)
        assert result.returncode == 1
        assert "nox -s deploy -- kubernetes serve --stage prod" in result.stderr
        assert len(result.stderr.splitlines()) == 1
    assert {call[0] for call in recorder.calls()} == {"get"}


def test_delete(projects: Projects, recorder: Recorder, tmp_path: Path) -> None:
    """All that has the labels goes, but for disks: they outlast what reads and writes them."""
    local = projects("generic", "local").copy(tmp_path / "local")
    local.settle({"kubernetes": {"context": "harbour", "namespace": "models"}})
    recorder.answer("get", "deployment.apps/my-model\njob.batch/my-model-train-1\n")
    recorder.answer("delete", "deleted\n")
    result = local.deploy("delete", *STAGE)

    assert result.returncode == 0, result.stderr
    assert "  job.batch/my-model-train-1\n" in result.stdout
    ((_, kinds, selector, *_),) = recorder.calls("delete")
    assert selector == "--selector=app.kubernetes.io/name=my-model"
    applied = {
        SHORT.get(one["kind"], one["kind"].lower())
        for component in ("serve", "train")
        for one in local.overlay("prod", component)
    }
    assert applied - set(kinds.split(",")) == {"persistentvolumeclaim"}

    local.deploy("delete", "train", *STAGE)
    assert recorder.calls("delete")[1][2] == f"{selector},app.kubernetes.io/component=train"


def job(condition: str = "") -> dict[str, object]:
    """Return a Job as the cluster describes it."""
    conditions = [{"type": condition, "status": "True", "message": "because"}]
    return {"status": {"conditions": conditions if condition else []}}


@pytest.mark.parametrize(("condition", "code"), [("Complete", 0), ("Failed", 1)])
def test_train(own: Deployed, recorder: Recorder, condition: str, code: int) -> None:
    """A run has a name of its own; the logs of all its pods are shown, and its end is the code."""
    waiting = pod("run-0-x", waiting={"reason": "ErrImagePull", "message": "not found"})
    running = [pod("run-0-x", running={}), pod("run-1-x", running={})]
    # A look that fails is taken again.
    recorder.answer("get job/", told="connection refused", code=1, once=True)
    recorder.answer("get job/", job(), once=True)
    recorder.answer("get job/", job(condition))
    recorder.answer("get pods", {"items": [waiting]}, once=True)
    recorder.answer("get pods", {"items": running})
    recorder.answer("logs", "epoch 1\nepoch 2\n")
    result = own.deploy("train", *STAGE, "--tag", "7")

    assert result.returncode == code, result.stderr
    name = find(parse(recorder.applied()), "Job")["metadata"]["name"]
    assert name.startswith("my-model-train-20")
    assert "run-0-x waits: not found. Push it" in result.stdout
    assert result.stdout.count("epoch 1\nepoch 2\n") == 2
    assert f"{name}: {condition}. because" in result.stdout
    logs = [call[-1] for call in recorder.calls("logs")]
    assert sorted(logs) == ["run-0-x", "run-1-x"]


def test_an_interrupted_training_continues(own: Deployed, recorder: Recorder) -> None:
    """Ctrl-C ends the command, not the run, and says how to end that."""
    recorder.answer("get job/", job())
    recorder.answer("get pods", {"items": []})
    command = [sys.executable, "-m", "mldock", "deploy", "kubernetes", "train", *STAGE]
    with subprocess.Popen(command, cwd=own.path, stdout=subprocess.PIPE, text=True) as process:
        while not recorder.calls("pods"):
            assert process.poll() is None
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGINT)
        printed, _ = process.communicate(timeout=60)

    assert process.returncode == 130
    end = "The run continues. To end it: kubectl --context=harbour --namespace=models delete job/"
    assert end in printed
    assert not recorder.calls("delete")
