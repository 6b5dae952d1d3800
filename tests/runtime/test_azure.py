"""Channels on Azure Blob Storage: Microsoft's own client against Azurite, the emulator from npm."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.storage import blob

from container.lifecycle import AzureEnvironment, ContainerError
from tests.runtime.workspace import TIMEOUT, Workspace

# The key of the account that each Azurite has is no secret: it is in Microsoft's documentation.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
ACCOUNT = "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={};BlobEndpoint={}"
KEYS = ["a/b/1", "a/b/deep/2", "a/b3"]
FILES = {"deep/er/x": b"{}", "a b?x=1#é%20": b"\x00\xff", "100% +&;漢": b"", ".hidden": b"."}


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the connection string of an Azurite, at ports that the machine chose."""
    if not (executable := shutil.which(os.getenv("AZURITE") or "azurite")):
        pytest.skip("no azurite is on PATH: npm install -g azurite, or name it in AZURITE")
    log = tmp_path_factory.mktemp("azurite") / "log"
    command = [executable, "--blobPort", "0", "--queuePort", "0", "--tablePort", "0", "--silent"]
    # The client may be newer than the emulator.
    command += ["--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=log.parent, stdout=out, stderr=out)
    try:
        deadline = time.monotonic() + TIMEOUT
        while not (found := re.search(r"Blob .* successfully .*(http\S+)\n", log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield ACCOUNT.format(KEY, f"{found[1]}/devstoreaccount1")
    finally:
        process.terminate()
        process.wait(TIMEOUT)


@pytest.fixture
def container(connection: str) -> Iterator[Any]:
    """Return an empty container."""
    with blob.ContainerClient.from_connection_string(connection, "bucket") as container:
        container.create_container()
        yield container
        container.delete_container()


@pytest.fixture
def azure(connection: str, tmp_path: Path) -> AzureEnvironment:
    """Return an environment whose variables name the account."""
    return AzureEnvironment(tmp_path / "ml", {"AZURE_STORAGE_CONNECTION_STRING": connection})


def tree(directory: Path) -> dict[str, bytes]:
    """Return the files below a directory and what they hold."""
    files = [path for path in directory.rglob("*") if path.is_file()]
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in files}


@pytest.mark.parametrize(("uri", "root"), [("a/b/", "a/b/"), ("a/b/1", "a/b/"), ("", "")])
def test_download(
    uri: str, root: str, container: Any, azure: AzureEnvironment, tmp_path: Path
) -> None:
    """A prefix is a directory, a key is a file; namesakes and markers do not come along."""
    for key in (*KEYS, "a/b/marker/"):
        container.upload_blob(key, key.encode())

    azure.download(f"az://bucket/{uri}", tmp_path / "channel")

    expected = {key.removeprefix(root): key.encode() for key in KEYS if key.startswith(uri)}
    assert tree(tmp_path / "channel") == expected


@pytest.mark.usefixtures("container")
def test_upload_comes_back(azure: AzureEnvironment, tmp_path: Path) -> None:
    """What was uploaded, twice, is downloaded the same, with unusual names and empty files."""
    (tmp_path / "model" / "deep" / "er").mkdir(parents=True)
    for name, content in FILES.items():
        (tmp_path / "model" / name).write_bytes(content)
    for _ in range(2):
        azure.upload(tmp_path / "model", "az://bucket/runs 1/é?x#y%20/")
    azure.download("az://bucket/runs 1/é?x#y%20", tmp_path / "channel")

    assert tree(tmp_path / "channel") == FILES


def test_nothing_at_the_uri(container: Any, azure: AzureEnvironment, tmp_path: Path) -> None:
    """A prefix without blobs is an error, even where another begins like it."""
    container.upload_blob("training/1", b"")
    with pytest.raises(ContainerError, match="az://bucket/train holds no objects"):
        azure.download("az://bucket/train", tmp_path / "channel")


def test_job(container: Any, connection: str, workspace: Workspace) -> None:
    """A job reads its data from a container and keeps its model there."""
    container.upload_blob("data/1", b"1,2")
    workspace.write_trainer("environment.channel('iris').rename(environment.model_dir / 'net')")

    run = workspace.train(
        AZURE_STORAGE_CONNECTION_STRING=connection,
        MLDOCK_INPUT_CHANNEL_IRIS="az://bucket/data",
        MLDOCK_OUTPUT_MODEL_CHANNEL_NET="az://bucket/runs/1",
    )

    assert run.process.returncode == 0, run.log
    assert container.download_blob("runs/1/1").readall() == b"1,2"


def test_folders_are_no_files(container: Any, azure: AzureEnvironment, tmp_path: Path) -> None:
    """A directory of a hierarchical namespace is listed as a blob, and left out."""
    container.upload_blob("data/deep", b"", metadata={"hdi_isfolder": "true"})
    container.upload_blob("data/deep/1", b"1")

    azure.download("az://bucket/data", tmp_path / "channel")

    assert tree(tmp_path / "channel") == {"deep/1": b"1"}
