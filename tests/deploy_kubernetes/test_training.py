"""A training run, as far as kubectl sees it: its name, its logs and its end."""

from __future__ import annotations

import pytest

from tests.deploy_kubernetes.projects import Deployed, find, parse
from tests.deploy_kubernetes.recorder import Recorder

POD = {
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
    pod = {**POD, "metadata": {"name": "run-0-x"}}
    pending = {**pod, "status": {"phase": "Pending"}}
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
    pods = [{**POD, "metadata": {"name": f"run-{n}"}, "spec": {"containers": hosts}} for n in "01"]
    recorder.answer("get job/", job("Complete"))
    recorder.answer("get pods", {"items": pods})
    recorder.answer("logs", "epoch 1\n")
    result = own.deploy("train", "--stage", "prod", "--tag", "7")

    assert "run-0: epoch 1\n" in result.stdout
    assert "run-1: epoch 1\n" in result.stdout


def test_a_cluster_that_is_away_for_a_moment(own: Deployed, recorder: Recorder) -> None:
    """A look that fails is taken again."""
    recorder.answer("get job/", told="connection refused", code=1, once=True)
    recorder.answer("get job/", job("Complete"))
    recorder.answer("get pods", {"items": []})

    assert own.deploy("train", "--stage", "prod", "--tag", "7").returncode == 0
