"""While `train` waits: the log of all hosts, Ctrl-C, and how a job ends that fails."""

from __future__ import annotations

import re
import signal
import subprocess
import threading
import time

from tests.deploy_sagemaker.conftest import Deployed
from tests.deploy_sagemaker.front import Content, Reply, refusal
from tests.deploy_sagemaker.states import TRAINING

GROUP = "/aws/sagemaker/TrainingJobs"


def log(deployed: Deployed, streams: dict[str, list[str]]) -> None:
    """Have hosts log lines as soon as a job exists: stream names follow the job's."""
    client = deployed.client("logs")

    def create(request: Content) -> None:
        now = int(time.time() * 1000)
        client.create_log_group(logGroupName=GROUP)
        for host, lines in streams.items():
            names = {
                "logGroupName": GROUP,
                "logStreamName": f"{request['TrainingJobName']}/{host}-1700000000",
            }
            client.create_log_stream(**names)
            events = [{"timestamp": now + at, "message": line} for at, line in enumerate(lines)]
            client.put_log_events(**names, logEvents=events)

    deployed.front.replies["CreateTrainingJob"] = create


def test_log_of_hosts(deployed: Deployed) -> None:
    """Each line of the log is told once, with its host, and the last value of each metric."""
    deployed.settings(hosts=2)
    metrics = ["metric: accuracy=0.5; step=1;", "metric: accuracy=0.9;"]
    log(deployed, {"algo-1": ["I am first", *metrics], "algo-2": ["I am second"]})
    result = deployed.run("train")

    assert result.returncode == 0, result.stdout
    assert result.stdout.count("\nalgo-1 | I am first\n") == 1
    assert "\nalgo-2 | I am second\n" in result.stdout
    assert "Metrics: accuracy = 0.9\n" in result.stdout


def test_unreadable_log(deployed: Deployed) -> None:
    """Who may not read the log is told so once, and the job is followed all the same."""
    denied = refusal("AccessDeniedException", "not allowed: logs:FilterLogEvents")
    deployed.front.replies["FilterLogEvents"] = lambda _: denied
    result = deployed.run("train")

    assert result.returncode == 0, result.stdout
    assert result.stdout.count("not allowed: logs:FilterLogEvents") == 1
    assert deployed.front.asked("FilterLogEvents") == ["FilterLogEvents"]


def test_failed_job(deployed: Deployed) -> None:
    """A job that fails ends the command with 1, its log and SageMaker's reason."""
    log(deployed, {"algo-1": ["about to fail"]})
    deployed.states.training = [*TRAINING[:3], ("Failed", "Training job failed")]
    deployed.states.reason = "AlgorithmError: no column 'label', exit code: 1"
    result = deployed.run("train")

    assert result.returncode == 1
    assert "about to fail" in result.stdout
    assert result.stdout.splitlines()[-1].endswith(f"(Failed): {deployed.states.reason}")


def test_stopped_job(deployed: Deployed) -> None:
    """A job that ran out of its time is not a success, but what it saved is told."""
    deployed.states.training = [*TRAINING[:3], ("MaxRuntimeExceeded", "Too long")]
    result = deployed.run("train")

    assert result.returncode == 1
    assert "(Stopped): MaxRuntimeExceeded What it had saved is in s3://models/" in result.stdout


def test_lost_answer(deployed: Deployed) -> None:
    """A job whose creation was answered too late is followed; "too often" is asked again."""
    too_often = iter([refusal("ThrottlingException", "Rate exceeded")] * 2)

    def create_late(request: Content) -> Reply:
        if told := next(too_often, None):
            return told
        status, answer = deployed.front.ask_moto("CreateTrainingJob", request)
        assert status == 200, answer
        return refusal("ResourceInUse", "Training job names must be unique")

    deployed.front.replies["CreateTrainingJob"] = create_late
    result = deployed.run("train")

    assert result.returncode == 0, result.stdout
    assert deployed.front.asked("CreateTrainingJob") == ["CreateTrainingJob"] * 3
    assert "Model: s3://models/iris/" in result.stdout


def test_expired_session(deployed: Deployed) -> None:
    """Whose session ends while they wait is told that the job goes on."""
    expired = refusal("ExpiredTokenException", "The security token is expired")
    deployed.front.replies["DescribeTrainingJob"] = lambda _: expired
    result = deployed.run("train")

    assert result.returncode == 1
    assert "(ExpiredTokenException). Sign in" in result.stdout
    assert re.search(r"The job \S+ goes on\.", result.stdout)


def test_interrupt(deployed: Deployed) -> None:
    """Who does not wait any longer is told that the job goes on, and how to stop it."""
    deployed.states.training = TRAINING[:3]
    asked = threading.Event()
    describe = deployed.front.changes["DescribeTrainingJob"]

    def note(request: Content, answer: Content) -> Content:
        asked.set()
        return describe(request, answer)

    deployed.front.changes["DescribeTrainingJob"] = note
    process = subprocess.Popen(
        deployed.command("train"),
        cwd=deployed.path,
        env=deployed.variables(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert asked.wait(300)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=300)

    assert process.returncode == 1
    assert "Traceback" not in output
    assert re.search(r"The job \S+ goes on\.", output)
    assert "aws sagemaker stop-training-job" in output
