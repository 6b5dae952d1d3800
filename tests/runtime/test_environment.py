"""The environment: directories, config files, channels, and the moving of local files."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from container.lifecycle import (
    ContainerError,
    Environment,
)
from container.lifecycle.channels import Channel
from tests.runtime.conftest import WriteConfig


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


def test_it_is_read_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What changes in the process after the start changes nothing here."""
    monkeypatch.setenv("MLDOCK_BASE_DIR", str(tmp_path))
    monkeypatch.setenv("MLDOCK_STAGE", "dev")
    environment = Environment()
    monkeypatch.setenv("MLDOCK_BASE_DIR", "/elsewhere")
    monkeypatch.setenv("MLDOCK_STAGE", "prod")
    monkeypatch.setenv("MLDOCK_INPUT_CHANNEL_late", "/data")

    assert environment.base_dir == tmp_path
    assert environment.stage == "dev"
    assert environment.channels == ()


@pytest.mark.parametrize("name", ["base_dir", "variables", "stage"])
def test_it_never_changes(name: str, environment: Environment) -> None:
    """No attribute can be set."""
    with pytest.raises(FrozenInstanceError):
        setattr(environment, name, "other")


def test_variables_never_change(environment: Environment) -> None:
    """Nor can a variable."""
    with pytest.raises(TypeError):
        environment.variables["MLDOCK_STAGE"] = "prod"  # type: ignore[index]


def test_hosts(environment: Environment, write_config: WriteConfig) -> None:
    """The hosts are those of resourceconfig.json, in its order."""
    write_config("resourceconfig.json", {"current_host": "algo-2", "hosts": ["algo-1", "algo-2"]})

    assert environment.hosts == ("algo-1", "algo-2")
    assert environment.current_host == "algo-2"


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
    write_config(
        "inputdataconfig.json",
        {
            "train": {
                "ContentType": "text/csv",
                "TrainingInputMode": "FastFile",
                "S3DistributionType": "ShardedByS3Key",
                "RecordWrapperType": "None",
            },
            "code": {"TrainingInputMode": "File"},
        },
    )

    assert environment.resources.network_interface_name == "eth0"
    assert environment.resources.instance_groups[0].hosts == ("algo-1",)
    train = environment.input_config["train"]
    assert (train.mode, train.content_type) == ("FastFile", "text/csv")
    assert train.distribution == "ShardedByS3Key"
    assert environment.input_config["code"].content_type is None


def test_wrong_config_is_named(environment: Environment, write_config: WriteConfig) -> None:
    """A key of the wrong type is told with its file."""
    write_config("resourceconfig.json", {"hosts": "algo-1"})

    with pytest.raises(ContainerError, match=r"resourceconfig\.json: hosts: .*, not 'algo-1'"):
        _ = environment.hosts


def test_pipe_mode_is_told(environment: Environment, write_config: WriteConfig) -> None:
    """A channel that comes as pipes is no directory, and the message says what to do."""
    write_config("inputdataconfig.json", {"train": {"TrainingInputMode": "Pipe"}})

    with pytest.raises(ContainerError, match=r"comes in Pipe mode, as .*train_0"):
        environment.channel("train")


@pytest.mark.parametrize("text", [None, "", "{}"])
def test_one_host_without_a_platform(
    text: str | None, environment: Environment, write_config: WriteConfig
) -> None:
    """Without resourceconfig.json, or with an empty one, this host is alone."""
    if text is not None:
        write_config("resourceconfig.json", text)

    assert environment.hosts == ("localhost",)
    assert environment.current_host == "localhost"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{'a': 1}", "is not JSON"),
        ("[1]", "holds list, not a JSON object"),
        (b'{"current_host": "caf\xe9"}', "is not JSON"),
    ],
)
def test_config_file_that_is_no_object_is_named(
    text: str | bytes, fault: str, environment: Environment, write_config: WriteConfig
) -> None:
    """The message has the path of the file, and what is wrong with it."""
    write_config("resourceconfig.json", text)

    with pytest.raises(ContainerError) as caught:
        _ = environment.hosts

    assert str(caught.value).startswith(f"{environment.config_dir / 'resourceconfig.json'} {fault}")


def test_missing_channel_lists_those_there(environment: Environment) -> None:
    """The message names the channel, and the channels there are."""
    for name in ("validation", "test"):
        environment.channel_dir(name).mkdir(parents=True)
    environment.channel_dir("file.csv").touch()

    with pytest.raises(ContainerError) as caught:
        environment.channel("training")

    assert "no channel 'training'" in str(caught.value)
    assert "there is: test, validation." in str(caught.value)


@pytest.mark.parametrize("name", ["training", "Training", "my-data", "2024"])
def test_missing_channel_is_filled_as_advised(
    name: str, environment: Environment, tmp_path: Path
) -> None:
    """Who sets the variable that the message names has the channel."""
    with pytest.raises(ContainerError) as caught:
        environment.channel(name)

    (variable,) = re.findall(r"set (\S+) to where they are", str(caught.value))
    environment = Environment(tmp_path, {variable: "/data"})
    assert environment.directory_of(environment.channels[0]) == environment.channel_dir(name)


def test_empty_channel_is_a_channel(environment: Environment) -> None:
    """SageMaker may give a host no files."""
    environment.channel_dir("training").mkdir(parents=True)

    assert environment.channel("training") == environment.base_dir / "input" / "data" / "training"


@pytest.mark.parametrize(
    ("kind", "direction", "path"),
    [
        ("data", "input", "input/data/x"),
        ("data", "output", "output/x"),
        ("model", "input", "model/x"),
        ("model", "output", "model/x"),
    ],
)
def test_directory_of_a_channel(
    kind: str, direction: str, path: str, environment: Environment
) -> None:
    """Each kind and direction has its place."""
    channel = Channel("x", kind, direction, "", "")  # type: ignore[arg-type]

    assert environment.directory_of(channel) == environment.base_dir / path
