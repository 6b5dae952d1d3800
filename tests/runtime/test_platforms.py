"""Which class moves a channel, and how local files move."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from container.lifecycle import (
    AWSEnvironment,
    AzureEnvironment,
    ContainerError,
    Environment,
    GCPEnvironment,
)
from container.lifecycle.channels import Channel


def input_channel(remote: str) -> Channel:
    """Return an input channel of data."""
    return Channel("iris", "data", "input", remote, "MLDOCK_INPUT_CHANNEL_iris")


@pytest.mark.parametrize(
    ("remote", "platform"),
    [
        ("/data", Environment),
        ("data/iris", Environment),
        ("file:///data", Environment),
        ("s3://bucket/data", AWSEnvironment),
        ("gs://bucket/data", GCPEnvironment),
        ("az://container/data", AzureEnvironment),
    ],
)
def test_scheme_chooses_the_platform(
    remote: str, platform: type[Environment], environment: Environment
) -> None:
    """The scheme of the channel says who moves it; directories and variables are the same."""
    chosen = environment.platform_of(input_channel(remote))

    assert type(chosen) is platform
    assert (chosen.base_dir, chosen.variables) == (environment.base_dir, environment.variables)


def test_unknown_scheme_names_the_known(environment: Environment) -> None:
    """A scheme that nobody moves is refused, with the variable and the schemes there are."""
    with pytest.raises(ContainerError) as caught:
        environment.platform_of(input_channel("ftp://host/data"))

    assert "MLDOCK_INPUT_CHANNEL_iris=ftp://host/data" in str(caught.value)
    assert "az://, file://, gs://, s3://" in str(caught.value)


@pytest.mark.parametrize(
    ("uri", "module", "requirement"),
    [
        ("s3://bucket/data", "boto3", "boto3"),
        ("gs://bucket/data", "google.cloud", "google-cloud-storage"),
        ("az://container/data", "azure.identity", "azure-identity"),
    ],
)
def test_missing_requirement_is_named(
    uri: str,
    module: str,
    requirement: str,
    environment: Environment,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without the client of a platform, the message says what to add to which file."""
    monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(ContainerError, match=rf"{requirement}: add .* to src/requirements\.txt"):
        environment.platform_of(input_channel(uri)).download(uri, environment.base_dir)


@pytest.mark.parametrize("form", ["{}", "file://{}", "file://localhost{}"])
def test_local_tree_comes_and_goes(form: str, environment: Environment, tmp_path: Path) -> None:
    """A directory is copied with its tree, from and to a path or a file:// URI."""
    source = tmp_path / "a source"
    (source / "deep").mkdir(parents=True)
    (source / "deep" / "file.csv").write_text("1,2")
    uri = form.format(str(source).replace(" ", "%20") if form != "{}" else source)

    environment.download(uri, tmp_path / "channel")
    environment.upload(tmp_path / "channel", form.format(tmp_path / "new" / "target"))

    assert (tmp_path / "channel" / "deep" / "file.csv").read_text() == "1,2"
    assert (tmp_path / "new" / "target" / "deep" / "file.csv").read_text() == "1,2"


def test_single_file_comes_into_the_directory(environment: Environment, tmp_path: Path) -> None:
    """A channel may be one file."""
    (tmp_path / "iris.csv").write_text("1,2")
    (tmp_path / "channel").mkdir()

    environment.download(str(tmp_path / "iris.csv"), tmp_path / "channel")

    assert (tmp_path / "channel" / "iris.csv").read_text() == "1,2"


def test_file_of_another_host(environment: Environment, tmp_path: Path) -> None:
    """Two slashes where three are meant do not name another directory: the host is told."""
    for move in (environment.download, lambda uri, path: environment.upload(path, uri)):
        with pytest.raises(ContainerError, match=r"file://data/iris names the host 'data'"):
            move("file://data/iris", tmp_path)


@pytest.mark.parametrize("name", ["", "iris.csv"])
def test_input_that_is_in_its_place(name: str, environment: Environment) -> None:
    """A channel may be its own directory, or a file there: nothing is to be copied."""
    directory = environment.channel_dir("iris")
    directory.mkdir(parents=True)
    (directory / "iris.csv").write_text("1,2")

    environment.download(str(directory / name), directory)

    assert (directory / "iris.csv").read_text() == "1,2"


def test_output_that_is_in_its_place(environment: Environment) -> None:
    """A result may be kept where it is written."""
    directory = environment.model_dir / "net"
    directory.mkdir(parents=True)
    (directory / "weights").write_text("0.5")

    environment.upload(directory, str(directory))

    assert (directory / "weights").read_text() == "0.5"


def test_nothing_at_the_path(environment: Environment, tmp_path: Path) -> None:
    """A channel that points nowhere is named, and nothing is made."""
    with pytest.raises(ContainerError, match="/nowhere does not exist"):
        environment.download("/nowhere", tmp_path / "channel")

    assert not (tmp_path / "channel").exists()
