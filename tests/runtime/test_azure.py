"""Channels on Azure Blob Storage: Microsoft's own client against Azurite, the emulator from npm."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ServiceRequestError
from azure.storage import blob

from container.lifecycle import ContainerError
from container.lifecycle.azure import BlobStore
from tests.runtime.proxy import Fault, Proxy
from tests.runtime.storage.tools import fetch, keep, make_tree, tree
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
def container(connection: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return an empty container; the environment of the test names its account."""
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", connection)
    with blob.ContainerClient.from_connection_string(connection, "bucket") as container:
        container.create_container()
        yield container
        container.delete_container()


@pytest.fixture
def proxy(connection: str, container: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """Return a proxy before the account; the environment of the test names it."""
    del container
    proxy = Proxy(connection.rpartition("=")[2].removesuffix("/devstoreaccount1"))
    variable = ACCOUNT.format(KEY, f"{proxy.url}/devstoreaccount1")
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", variable)
    yield proxy
    proxy.close()


@pytest.mark.parametrize(("uri", "root"), [("a/b/", "a/b/"), ("a/b/1", "a/b/"), ("", "")])
def test_download(uri: str, root: str, container: Any, tmp_path: Path) -> None:
    """A prefix is a directory, a key is a file; namesakes and markers do not come along."""
    for key in (*KEYS, "a/b/marker/"):
        container.upload_blob(key, key.encode())
    # What a directory of a hierarchical namespace is listed as.
    container.upload_blob("a/b/deep", b"", metadata={"hdi_isfolder": "true"})
    fetch(f"az://bucket/{uri}", tmp_path / "channel")
    expected = {key.removeprefix(root): key.encode() for key in KEYS if key.startswith(uri)}
    assert tree(tmp_path / "channel") == expected


@pytest.mark.usefixtures("container")
def test_upload_comes_back(tmp_path: Path) -> None:
    """What was uploaded, twice, is downloaded the same, with unusual names and empty files."""
    make_tree(tmp_path / "model", FILES)
    for _ in range(2):
        keep(tmp_path / "model", "az://bucket/runs 1/é?x#y%20/")
    fetch("az://bucket/runs 1/é?x#y%20", tmp_path / "channel")
    assert tree(tmp_path / "channel") == FILES


def test_nothing_at_the_uri(container: Any, tmp_path: Path) -> None:
    """Where all was deleted, were it twice, is nothing, though another prefix begins like it."""
    container.upload_blob("train/1", b"")
    container.upload_blob("training/1", b"")
    for _ in range(2):
        BlobStore("az://bucket/train", os.environ).delete("1")
    with pytest.raises(ContainerError, match="nothing lies there"):
        fetch("az://bucket/train", tmp_path / "channel")
    assert list(container.list_blob_names()) == ["training/1"]


def test_job(container: Any, workspace: Workspace) -> None:
    """A job reads its data from a container and keeps its model there."""
    container.upload_blob("data/1", b"1,2")
    workspace.write_trainer("environment.channel('iris').rename(environment.model_dir / 'net')")
    run = workspace.train(
        AZURE_STORAGE_CONNECTION_STRING=os.environ["AZURE_STORAGE_CONNECTION_STRING"],
        MLDOCK_INPUT_CHANNEL_IRIS="az://bucket/data",
        MLDOCK_OUTPUT_MODEL_CHANNEL_NET="az://bucket/runs/1",
    )
    assert run.process.returncode == 0, run.log
    assert container.download_blob("runs/1/1").readall() == b"1,2"


def test_what_is_there_is_not_fetched(container: Any, proxy: Proxy, tmp_path: Path) -> None:
    """A second download fetches what has changed since, be it of the same size."""
    container.upload_blob("a/1", b"old")
    container.upload_blob("a/2", b"a/2")
    fetch("az://bucket/a", tmp_path)
    store = BlobStore("az://bucket/a", os.environ)
    [file, _] = store.files()
    time.sleep(1.1)  # Its times are whole seconds.
    container.upload_blob("a/1", b"new", overwrite=True)
    with pytest.raises(Exception, match="ConditionNotMet") as caught:
        store.read(file, 0, 3, bytearray().extend)
    assert str(store.remedy(caught.value)).endswith("start again.")
    before = proxy.count("/a/")
    fetch("az://bucket/a", tmp_path)
    assert tree(tmp_path) == {"1": b"new", "2": b"a/2"}
    assert proxy.count("/a/") == before + 1


def test_corrupted(container: Any, proxy: Proxy, tmp_path: Path) -> None:
    """What is not of the checksum that the blob has is no file."""
    container.upload_blob("a/1", b"1")
    proxy.only, proxy.always = "/a/1", Fault(corrupt=True)
    with pytest.raises(ContainerError, match="a/1 came otherwise than it was stored"):
        fetch("az://bucket/a", tmp_path)
    assert not tree(tmp_path)


@pytest.mark.parametrize("fault", [Fault(cut=3), Fault(status=503), Fault(status=429)])
@pytest.mark.parametrize("only", ["GET", "/a/small", "GET /devstoreaccount1/bucket/a/w", "block"])
def test_retries(only: str, fault: Fault, container: Any, proxy: Proxy, tmp_path: Path) -> None:
    """A fault of a list, a small upload, a read and a large upload costs a second try."""
    files = {"weights": os.urandom(9 * 2**20), "small": b"1"}
    make_tree(tmp_path / "model", files)
    proxy.only, proxy.faults = only, [fault]
    keep(tmp_path / "model", "az://bucket/a")
    fetch("az://bucket/a", tmp_path / "channel")
    assert not proxy.faults
    assert tree(tmp_path / "channel") == files
    for name, content in files.items():
        settings = container.get_blob_client(f"a/{name}").get_blob_properties().content_settings
        assert settings.content_md5 == hashlib.md5(content).digest()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("az://bucket", "az://nothing", "ContainerNotFound: .*create the container"),
        (KEY, KEY[4:], "Auth.*authenticate the request"),
        (KEY, "a", "AzureSigningError: .*Sign in with az login"),
        ("DefaultEndpointsProtocol=", "", "cannot read its account"),
    ],
)
def test_faults_that_stay(
    old: str, new: str, told: str, proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What no second try can mend is told at once, in a line without the key."""
    name = "AZURE_STORAGE_CONNECTION_STRING"
    monkeypatch.setenv(name, os.environ[name].replace(old, new))
    with pytest.raises(ContainerError, match=rf"^[^\n]*{told}[^\n]*$") as caught:
        fetch("az://bucket/a".replace(old, new), tmp_path)
    assert KEY[4:20] not in str(caught.value)
    assert proxy.count("GET") <= 1


def test_no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine without an identity a person is told how to give credentials."""
    monkeypatch.delenv("AZURE_STORAGE_CONNECTION_STRING", raising=False)
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential")
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:9")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_URL", "https://127.0.0.1:9")
    start = time.monotonic()
    with pytest.raises(ContainerError, match="Sign in with az login"):
        fetch("az://bucket/a", tmp_path)
    assert time.monotonic() - start < 30
    # What gives the right to use an address is not told with it.
    error = ServiceRequestError("with url: /b?sv=1&sig=SECRET%3D&sp=r (Caused")
    told = BlobStore("az://bucket/a", os.environ).reason(error)
    assert told == "ServiceRequestError: with url: /b?sv=1&sig=...&sp=r (Caused"
