"""What a channel does, whichever object store it lies in."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from mldock import ContainerError, Environment, stores
from mldock.checkpoints import Checkpoints
from mldock.manifest import MANIFEST

from tests.mldock.proxy import Fault
from tests.mldock.storage.conftest import KEY, Remote
from tests.mldock.storage.tools import BUCKET, fetch, finals, keep, make_tree, tree

KEYS = ["a/b/1", "a/b/deep/2", "a/b3", "a/b/empty"]
# What is unusual in names and sizes: above 8 MiB the clients send several requests.
FILES = {
    "weights.bin": bytes(range(256)) * 2**15 + b"end",
    "deep/er/metrics.json": b"{}",
    "a b?x=1#é%20.txt": b"\x00\xff",
    "100% +&;漢": b"names",
    ".hidden": b".",
    "empty": b"",
    "a%20b+c": b"",
    "'\"&<>": b"",
    "é" * 127 + "x": b"long",
}


@pytest.mark.parametrize(
    ("uri", "root"), [("a/b", "a/b/"), ("a/b/", "a/b/"), ("a/b/1", "a/b/"), ("", "")]
)
def test_download(uri: str, root: str, remote: Remote, tmp_path: Path) -> None:
    """A prefix is a directory, a key is a file; namesakes and marks of folders do not come."""
    for key in KEYS:
        remote.put(key, key.encode() if key != "a/b/empty" else b"")
    remote.put("a/b/marker/", b"")

    fetch(remote.uri(uri), tmp_path / "channel")

    wanted = [key for key in KEYS if key.startswith(uri) and not (uri == "a/b" and key == "a/b3")]
    assert set(tree(tmp_path / "channel")) == {key.removeprefix(root) for key in wanted}
    if uri != "":
        assert tree(tmp_path / "channel")["1"] == b"a/b/1"


def test_nothing_at_the_uri(remote: Remote, tmp_path: Path) -> None:
    """A prefix without objects is an error, even where another begins like it."""
    remote.put("training/1.csv", b"")

    with pytest.raises(ContainerError, match="nothing is stored there"):
        fetch(remote.uri("train"), tmp_path / "channel")

    assert not (tmp_path / "channel").exists()


def test_upload_comes_back(remote: Remote, tmp_path: Path) -> None:
    """What was uploaded, twice, is downloaded the same: unusual names, large and empty files."""
    make_tree(tmp_path / "model", FILES)

    for _ in range(2):
        keep(tmp_path / "model", remote.uri("runs 1/é?x#y%20/"))
    fetch(remote.uri("runs 1/é?x#y%20"), tmp_path / "channel")

    assert tree(tmp_path / "channel") == FILES
    assert len(remote.keys()) == len(FILES) + len([MANIFEST])


def test_what_is_there_is_not_fetched(remote: Remote, tmp_path: Path) -> None:
    """A second download fetches what has changed since, be it of the same size, here or there."""
    for key in ("a/1", "a/2", "a/3"):
        remote.put(key, key.encode())
    fetch(remote.uri("a"), tmp_path)
    # The times of some stores are whole seconds.
    time.sleep(1.1)
    remote.put("a/1", b"new")
    (tmp_path / "2").write_bytes(b"old")
    before = remote.proxy.count(remote.requests["read"])

    fetch(remote.uri("a"), tmp_path)

    assert tree(tmp_path) == {"1": b"new", "2": b"a/2", "3": b"a/3"}
    assert remote.proxy.count(remote.requests["read"]) == before + 2


def test_deleted_checkpoint_is_deleted(remote: Remote, tmp_path: Path) -> None:
    """What a trainer has deleted does not come back with the next container."""
    checkpoints = Checkpoints(
        Environment(tmp_path, {**os.environ, "MLDOCK_CHECKPOINTS": remote.uri("a")})
    )
    make_tree(checkpoints.directory, {"1": b"1", "2": b"2"})
    checkpoints.sync()
    assert sorted(remote.keys()) == ["a/1", "a/2"]

    (checkpoints.directory / "1").unlink()
    checkpoints.sync()

    assert remote.keys() == ["a/2"]


def test_corrupted(remote: Remote, tmp_path: Path) -> None:
    """What differs from the manifest is no file; on S3, nor is what differs from its ETag."""
    if remote.scheme == "s3":
        remote.put("a/1", b"12345")
    else:
        keep(make_tree(tmp_path / "model", {"1": b"12345"}), remote.uri("a"))
    remote.proxy.only, remote.proxy.always = remote.requests["read"] + "1", Fault(corrupt=True)

    with pytest.raises(ContainerError, match="1: it is not what was stored: its checksum differs"):
        fetch(remote.uri("a"), tmp_path / "channel")

    assert finals(tmp_path / "channel") == {}


@pytest.mark.parametrize("fault", [Fault(cut=3), Fault(status=503)], ids=str)
@pytest.mark.parametrize("step", ["list", "read", "small", "large"])
def test_retries(step: str, fault: Fault, remote: Remote, tmp_path: Path) -> None:
    """A fault of a list, a read, a small and a large upload costs a second try."""
    files = {"weights": FILES["weights.bin"], "small": b"1234567"}
    make_tree(tmp_path / "model", files)
    remote.proxy.only, remote.proxy.faults = remote.requests[step], [fault]
    if step == "read":
        remote.proxy.only += "weights"

    keep(tmp_path / "model", remote.uri("a"))
    fetch(remote.uri("a"), tmp_path / "channel")

    assert not remote.proxy.faults
    assert tree(tmp_path / "channel") == files


@pytest.mark.parametrize(
    ("step", "status", "told"),
    [
        ("list", 403, "do not allow this"),
        ("read", 403, "1: .*do not allow this"),
        ("read", 412, "1: .*It was changed while it was read: start again"),
        ("", 0, "create the (bucket|container)"),
    ],
)
def test_faults_that_stay(
    step: str, status: int, told: str, remote: Remote, tmp_path: Path
) -> None:
    """What no second try can mend is told soon, in a line."""
    remote.put("a/1", b"1")
    if status:
        remote.proxy.only, remote.proxy.always = remote.requests[step], Fault(status=status)

    with pytest.raises(ContainerError, match=rf"^[^\n]*{told}[^\n]*$"):
        fetch(remote.uri("a", BUCKET if status else "nothing"), tmp_path)

    assert finals(tmp_path) == {}
    assert remote.proxy.count(remote.requests["list"]) <= 2


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        *[
            ((key,), "is not a path. Rename it")
            for key in ("p/../../escaped", "p/./x", "p//x", "p/a//b", "p/a/..")
        ],
        (("p/x", "p/x/y"), "'p/x' is a file and a folder"),
        ((f"p/{'x' * 256}",), "Give the object a shorter name"),
    ],
)
def test_key_that_is_no_file(keys: tuple[str, ...], told: str, s3: Any, tmp_path: Path) -> None:
    """A key that leaves the channel, or that no disk can hold, is refused by its name."""
    for key in ("p/a-good-one", *keys):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"1")

    with pytest.raises(ContainerError, match=told):
        fetch("s3://bucket/p", tmp_path / "ml" / "channel")

    assert not (tmp_path / "escaped").exists()
    assert not any(name.endswith("escaped") for name in tree(tmp_path))


def test_credentials_of_google(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where they are missing, a person is told how to give some."""
    monkeypatch.delenv("STORAGE_EMULATOR_HOST", raising=False)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "adc.json"))

    with pytest.raises(ContainerError, match=r"adc.json is not a key file\. Sign in with gcloud"):
        fetch("gs://bucket/a", tmp_path)


def test_credentials_of_azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where they are missing, the message says how to give some; a key is never in it."""
    monkeypatch.delenv("AZURE_STORAGE_CONNECTION_STRING", raising=False)
    with pytest.raises(ContainerError, match="az:// needs an account: set AZURE_STORAGE_CONN"):
        fetch("az://bucket/a", tmp_path)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AZURE_MSI_ENDPOINT", "http://127.0.0.1:9/token")
    monkeypatch.setitem(stores.RETRY, "max_retries", 0)
    with pytest.raises(ContainerError, match=r"no credentials were found\. Sign in with az login"):
        fetch("az://bucket/a", tmp_path)
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", f"AccountName=a;AccountKey={KEY[:-3]}")
    with pytest.raises(ContainerError, match="Correct the variables of the store") as caught:
        fetch("az://bucket/a", tmp_path)
    assert KEY[4:20] not in str(caught.value)
