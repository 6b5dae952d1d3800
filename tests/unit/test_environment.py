"""The environment: directories, config files, channels, and which class moves what."""

from __future__ import annotations

import os
import re
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from mldock import ContainerError, Environment

from tests.mldock.conftest import WriteConfig


def test_paths_are_those_of_sagemaker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a variable the root is /opt/ml, and below it lies what SageMaker defines."""
    monkeypatch.delenv("MLDOCK_BASE_DIR", raising=False)
    environment = Environment()

    assert environment.base_dir == Path("/opt/ml")
    assert environment.config_dir == Path("/opt/ml/input/config")
    assert environment.channel_dir("training") == Path("/opt/ml/input/data/training")
    assert environment.model_dir == Path("/opt/ml/model")
    assert environment.output_dir == Path("/opt/ml/output")
    assert environment.output_data_dir == Path("/opt/ml/output/data")
    assert environment.checkpoint_dir == Path("/opt/ml/checkpoints")


def test_it_is_read_once_and_never_changes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What changes in the process after the start changes nothing here, and nothing can be set."""
    monkeypatch.setenv("MLDOCK_BASE_DIR", str(tmp_path))
    monkeypatch.setenv("MLDOCK_STAGE", "dev")
    variables = dict(os.environ)
    environments = (Environment(), Environment(variables=variables))
    later = {"MLDOCK_BASE_DIR": "/x", "MLDOCK_STAGE": "prod", "MLDOCK_INPUT_CHANNEL_late": "/data"}
    variables |= later
    for name, value in later.items():
        monkeypatch.setenv(name, value)

    for environment in environments:
        assert environment.base_dir == tmp_path
        assert environment.stage == "dev"
        assert environment.channels == ()
        for name in ("base_dir", "variables", "stage"):
            with pytest.raises(FrozenInstanceError):
                setattr(environment, name, "other")
        with pytest.raises(TypeError):
            environment.variables["MLDOCK_STAGE"] = "prod"  # type: ignore[index]


def test_files_of_sagemaker(environment: Environment, write_config: WriteConfig) -> None:
    """What a job in the cloud is told is typed; keys that nobody knows are no fault."""
    group = {"instance_group_name": "cpu", "instance_type": "ml.m5.large", "hosts": ["algo-1"]}
    write_config(
        "resourceconfig.json",
        {
            "current_host": "algo-1",
            "current_instance_type": "ml.m5.large",
            "current_group_name": "cpu",
            "hosts": ["algo-1"],
            "instance_groups": [group],
            "network_interface_name": "eth0",
            "topology": None,
        },
    )
    train = {
        "ContentType": "text/csv",
        "TrainingInputMode": "FastFile",
        "S3DistributionType": "ShardedByS3Key",
        "RecordWrapperType": "None",
    }
    write_config("inputdataconfig.json", {"train": train, "code": {"TrainingInputMode": "Pipe"}})

    assert environment.resources.network_interface_name == "eth0"
    assert environment.resources.instance_groups[0].hosts == ("algo-1",)
    found = environment.input_config["train"]
    assert (found.mode, found.content_type) == ("FastFile", "text/csv")
    assert found.distribution == "ShardedByS3Key"
    assert environment.input_config["code"].content_type is None
    # A channel that comes as pipes is no directory, and the message says what to do.
    with pytest.raises(ContainerError, match=r"comes in Pipe mode, as .*code_0"):
        environment.channel("code")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{'a': 1}", " is not JSON"),
        ("[1]", " holds list, not a JSON object"),
        (b'{"current_host": "caf\xe9"}', " is not JSON"),
        ('{"hosts": "algo-1"}', ": hosts: "),
    ],
)
def test_wrong_config_file_is_named(
    text: str | bytes, fault: str, environment: Environment, write_config: WriteConfig
) -> None:
    """The message has the path of the file, and what is wrong with it."""
    write_config("resourceconfig.json", text)

    with pytest.raises(ContainerError, match=rf"resourceconfig\.json{fault}"):
        _ = environment.hosts


@pytest.mark.parametrize("name", ["training", "Training", "my-data", "2024"])
def test_missing_channel(name: str, environment: Environment, tmp_path: Path) -> None:
    """The message names the channel and those there are; whoever does as it says has it."""
    for other in ("validation", "test"):
        environment.channel_dir(other).mkdir(parents=True)
    environment.channel_dir("file.csv").touch()

    with pytest.raises(ContainerError) as caught:
        environment.channel(name)

    assert f"no channel {name!r}" in str(caught.value)
    assert "there is: test, validation." in str(caught.value)
    (variable,) = re.findall(r"set (\S+) to where they are", str(caught.value))
    environment = Environment(tmp_path, {variable: "/data"})
    assert environment.directory_of(environment.channels[0]) == environment.channel_dir(name)
    # SageMaker may give a host no files.
    environment.channel_dir(name).mkdir()
    assert environment.channel(name) == tmp_path / "input" / "data" / name


@pytest.mark.parametrize("uri", ["ftp://host/data", "s3:data"])
def test_unknown_scheme_names_the_known(uri: str, environment: Environment) -> None:
    """A scheme that nobody moves is refused, with the schemes there are."""
    with pytest.raises(ContainerError, match=r"moves \w+:.* az://, file://, gs://, s3://"):
        environment.store_of(uri)
