"""`train`: what SageMaker is asked for, what is shown meanwhile, and how it ends."""

from __future__ import annotations

import re
import signal
import subprocess
import threading
import time
from typing import Any

import pytest

from tests.deploy_sagemaker.conftest import COMPLETE, REGISTRY, ROLE, Deployed
from tests.deploy_sagemaker.front import Content, refusal
from tests.deploy_sagemaker.states import TRAINING

GROUP = "/aws/sagemaker/TrainingJobs"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def log(deployed: Deployed, streams: dict[str, list[str]]) -> None:
    """Have hosts log lines as soon as a job exists: stream names follow the job's."""
    client = deployed.client("logs")

    def create(request: Content) -> None:
        now = int(time.time() * 1000)
        client.create_log_group(logGroupName=GROUP)
        for host, lines in streams.items():
            stream = f"{request['TrainingJobName']}/{host}-1700000000"
            client.create_log_stream(logGroupName=GROUP, logStreamName=stream)
            events = [{"timestamp": now + at, "message": line} for at, line in enumerate(lines)]
            client.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=events)

    deployed.front.replies["CreateTrainingJob"] = create


def requested(deployed: Deployed, *options: str, **settings: Any) -> Content:
    """Return what SageMaker is asked for when nobody waits."""
    deployed.settings(**settings)
    result = deployed.run("train", "--no-wait", *options)
    assert result.returncode == 0, result.stdout
    return deployed.front.sent("CreateTrainingJob")


def test_job(deployed: Deployed) -> None:
    """A stage's job has its image, role, channels, hosts, variables and tags.

    Each state and each line of the log is shown once; the end has the metrics and the model.
    """
    metrics = ["metric: accuracy=0.5; step=1;", "metric: accuracy=0.9;"]
    log(deployed, {"algo-1": ["I am first", *metrics], "algo-2": ["I am second"]})
    result = deployed.run("train", "--stage", "prod", "-p", "seed", "7")

    assert result.returncode == 0, result.stdout
    request = deployed.front.sent("CreateTrainingJob")
    name = request["TrainingJobName"]
    assert re.fullmatch(r"iris-prod-\d{6}-\d{6}", name)
    image = request["AlgorithmSpecification"]["TrainingImage"]
    assert re.fullmatch(rf"{REGISTRY}/iris@sha256:[0-9a-f]{{64}}", image)
    assert request["RoleArn"] == ROLE
    assert request["HyperParameters"] == {"seed": "7"}
    assert request["Environment"] == {
        "MLDOCK_STAGE": "prod",
        "MLDOCK_HYPERPARAMETERS": '{"seed": "7"}',
    }
    assert places(request) == {"training": "s3://data/training/"}
    hosts = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30}
    assert request["ResourceConfig"] == hosts
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 86400}
    assert request["OutputDataConfig"] == {"S3OutputPath": "s3://models/iris"}
    assert {"EnableManagedSpotTraining", "CheckpointConfig", "VpcConfig"}.isdisjoint(request)
    assert {tag["Key"]: tag["Value"] for tag in request["Tags"]} == {
        "mldock:project": "iris",
        "mldock:stage": "prod",
        "mldock:image": deployed.tag(),
    }
    assert f"image: {image}\n" in result.stdout
    assert "hosts: 1 x ml.m5.large, 24 hours at most\n" in result.stdout
    for message in [*(message for _, message in TRAINING), "I am first", "algo-2 | I am second"]:
        assert result.stdout.count(f"\n{message}\n") == 1
    assert "Metrics: accuracy = 0.9\n" in result.stdout
    assert f"Model: s3://models/iris/{name}/output/model.tar.gz" in result.stdout


def places(request: Content) -> dict[str, str]:
    """Return where SageMaker fetches each channel."""
    return {
        channel["ChannelName"]: channel["DataSource"]["S3DataSource"]["S3Uri"]
        for channel in request.get("InputDataConfig", ())
    }


def test_all_settings(deployed: Deployed) -> None:
    """Hosts, spot, network, key and hyperparameters of all kinds reach SageMaker."""
    values = {"rate": 0.1, "name": "abc", "flag": True, "nested": {"a": [1]}, "no": None}
    network = {"subnets": ["subnet-1", "subnet-2"], "security_groups": ["sg-1"]}
    training = {"instance_type": "ml.m5.xlarge", "volume_gb": 50, "max_hours": 1.5, "spot": True}
    training["max_wait_hours"] = 3
    stage = {"hosts": 2, "sagemaker": {"kms_key": KEY, "network": network, "training": training}}
    request = requested(
        deployed,
        "--stage",
        "prod",
        hyperparameters=values,
        environment={"LOGS_LEVEL": "DEBUG", "RETRIES": 3},
        stages={"prod": stage},
    )

    assert request["HyperParameters"] == {
        "rate": "0.1",
        "name": '"abc"',
        "flag": "true",
        "nested": '{"a": [1]}',
        "no": "null",
    }
    assert request["Environment"] == {
        "MLDOCK_STAGE": "prod",
        "MLDOCK_LOGS_LEVEL": "DEBUG",
        "MLDOCK_RETRIES": "3",
    }
    assert request["ResourceConfig"] == {
        "InstanceType": "ml.m5.xlarge",
        "InstanceCount": 2,
        "VolumeSizeInGB": 50,
        "VolumeKmsKeyId": KEY,
    }
    assert request["OutputDataConfig"]["KmsKeyId"] == KEY
    assert request["VpcConfig"] == {
        "Subnets": ["subnet-1", "subnet-2"],
        "SecurityGroupIds": ["sg-1"],
    }
    assert request["EnableManagedSpotTraining"] is True
    assert request["StoppingCondition"] == {
        "MaxRuntimeInSeconds": 5400,
        "MaxWaitTimeInSeconds": 10800,
    }
    assert request["CheckpointConfig"] == {"S3Uri": "s3://models/iris/checkpoints/iris-prod"}
    assert "DescribeTrainingJob" not in deployed.front.asked()


def test_channels(deployed: Deployed) -> None:
    """What SageMaker cannot move is the container's work, and nothing is moved twice.

    A chosen tag needs no commit; hosts with disks of their own get no key for these.
    """
    deployed.push("trial")
    sagemaker = {**COMPLETE, "kms_key": KEY, "training": {"instance_type": "ml.g4dn.xlarge"}}
    request = requested(
        deployed,
        "--tag",
        "trial",
        sagemaker=sagemaker,
        data=[
            {"name": "training", "remote": "s3://data/training"},
            {"name": "bucket", "remote": "s3://bucket.name"},
            {"name": "one", "remote": "s3://data/one.csv"},
            {"name": "packed", "remote": "s3://data/archives", "unpack": True},
            {"name": "google", "remote": "gs://data/google"},
            {"name": "report", "remote": "s3://data/report", "direction": "output"},
            {"name": "here", "direction": "output"},
        ],
        model=[
            {"name": "base", "remote": "s3://models/base"},
            {"name": "classifier", "remote": "s3://models/out", "direction": "output"},
        ],
        checkpoints="s3://models/checkpoints",
    )

    assert places(request) == {
        "training": "s3://data/training/",
        "bucket": "s3://bucket.name/",
        "one": "s3://data/one.csv",
    }
    assert request["Environment"] == {
        "MLDOCK_INPUT_CHANNEL_PACKED": "s3://data/archives",
        "MLDOCK_UNPACK_CHANNELS": "packed",
        "MLDOCK_INPUT_CHANNEL_GOOGLE": "gs://data/google",
        "MLDOCK_OUTPUT_CHANNEL_REPORT": "s3://data/report",
        "MLDOCK_INPUT_MODEL_CHANNEL_BASE": "s3://models/base",
    }
    assert request["CheckpointConfig"] == {"S3Uri": "s3://models/checkpoints"}
    assert "VolumeKmsKeyId" not in request["ResourceConfig"]
    assert request["OutputDataConfig"]["KmsKeyId"] == KEY


def test_failed_job(deployed: Deployed) -> None:
    """A job that fails ends the command with 1 and SageMaker's reason.

    Who may not read the log is told so once, and the job is followed all the same.
    """
    denied = refusal("AccessDeniedException", "not allowed: logs:FilterLogEvents")
    deployed.front.replies["FilterLogEvents"] = lambda _: denied
    deployed.states.training = [*TRAINING[:3], ("Failed", "Training job failed")]
    deployed.states.reason = "AlgorithmError: no column 'label', exit code: 1"
    result = deployed.run("train")

    assert result.returncode == 1
    assert result.stdout.count("not allowed: logs:FilterLogEvents") == 1
    assert result.stdout.splitlines()[-1].endswith(f"is not completed: {deployed.states.reason}")


def test_stopped_job(deployed: Deployed) -> None:
    """A job that ran out of its time is not a success."""
    deployed.states.training = [*TRAINING[:3], ("MaxRuntimeExceeded", "Too long")]
    result = deployed.run("train")

    assert result.returncode == 1
    assert "is not completed: MaxRuntimeExceeded" in result.stdout


def test_expired_session(deployed: Deployed) -> None:
    """Whose session ends while they wait is told that the job continues."""
    expired = refusal("ExpiredTokenException", "The security token is expired")
    deployed.front.replies["DescribeTrainingJob"] = lambda _: expired
    result = deployed.run("train")

    assert result.returncode == 1
    assert re.search(r"The job \S+ continues\.", result.stdout)
    assert "The security token is expired. Sign in (aws configure" in result.stdout


def test_interrupt(deployed: Deployed) -> None:
    """Ctrl-C leaves the job running, and says how to watch and stop it."""
    deployed.states.training = TRAINING[:3]
    asked = threading.Event()
    describe = deployed.front.changes["DescribeTrainingJob"]

    def note(request: Content, answer: Content) -> Content:
        asked.set()
        return describe(request, answer)

    deployed.front.changes["DescribeTrainingJob"] = note
    process = subprocess.Popen(
        deployed.command("train", "--yes"),
        cwd=deployed.path,
        env=deployed.variables(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert asked.wait(300)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=300)

    assert process.returncode == 130
    assert "Traceback" not in output
    assert "StopTrainingJob" not in deployed.front.asked()
    name = deployed.front.sent("CreateTrainingJob")["TrainingJobName"]
    assert f"The job {name} continues." in output
    assert f"aws --region us-east-1 logs tail {GROUP} --log-stream-name-prefix {name}/" in output
    assert f"stop-training-job --training-job-name {name}\n" in output


def test_incomplete(deployed: Deployed) -> None:
    """All that mldock.json lacks is in one message, before AWS is asked."""
    deployed.settings(registry="ghcr.io/team", data=[{"name": "training"}], sagemaker={})
    result = deployed.run("train", "--stage", "prod", AWS_DEFAULT_REGION="eu-west-1")

    assert result.returncode == 1
    assert deployed.front.asked() == []
    assert result.stdout.startswith(
        'SageMaker needs more settings. Add to mldock.json, or to its stage "prod":'
    )
    for part in ("role", "output", "data", "registry"):
        assert f'"{part}":' in result.stdout
    assert "123456789012.dkr.ecr.eu-west-1.amazonaws.com" in result.stdout


@pytest.mark.parametrize(
    ("options", "variables", "words"),
    [
        ((), {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, ["credentials", "Sign in"]),
        ((), {"AWS_PROFILE": "mine"}, ["(mine) could not be found"]),
        ((), {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}, ["connect"]),
        (
            ("--tag", "never", "--stage", "prod"),
            {},
            [f"{REGISTRY}/iris:never is not in its registry.", "nox -s push -- --stage prod"],
        ),
    ],
)
def test_refused(
    deployed: Deployed, options: tuple[str, ...], variables: dict[str, str], words: list[str]
) -> None:
    """What prevents a job is one line at the end, with what to do."""
    result = deployed.run("train", *options, **variables)

    assert result.returncode == 1
    assert "CreateTrainingJob" not in deployed.front.asked()
    assert all(word in result.stdout.splitlines()[-1] for word in words), result.stdout


def test_refused_by_aws(deployed: Deployed) -> None:
    """AWS' own words are shown, in one line."""
    quota = refusal("ResourceLimitExceeded", "The limit is 0.\n Use Service Quotas")
    deployed.front.replies["CreateTrainingJob"] = lambda _: quota
    result = deployed.run("train")

    assert result.returncode == 1
    last = result.stdout.splitlines()[-1]
    assert last.endswith("CreateTrainingJob operation: The limit is 0. Use Service Quotas")
