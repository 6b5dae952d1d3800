"""Which class moves a channel follows from the scheme of its URI."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from container.lifecycle import ContainerError, Environment
from container.lifecycle.aws import S3Store
from container.lifecycle.azure import BlobStore
from container.lifecycle.gcp import GCSStore
from container.lifecycle.storage.local import LocalStore
from container.lifecycle.storage.stores import Store


@pytest.mark.parametrize(
    ("uri", "store"),
    [
        ("/data", LocalStore),
        ("data/iris", LocalStore),
        ("file:///data", LocalStore),
        ("s3://bucket/data", S3Store),
        ("gs://bucket/data", GCSStore),
        ("az://container/data", BlobStore),
    ],
)
def test_scheme_chooses_the_platform(
    uri: str, store: type[Store], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scheme of the channel says where it lies."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:1")
    monkeypatch.setenv(
        "AZURE_STORAGE_CONNECTION_STRING",
        "AccountName=a;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:1/a",
    )

    found = Environment(tmp_path, dict(os.environ)).store_of(uri)

    assert type(found) is store
    assert found.uri == uri


def test_unknown_scheme_names_the_known(environment: Environment) -> None:
    """A scheme that nobody moves is refused, with the schemes there are."""
    with pytest.raises(ContainerError, match=r"moves ftp://\. .* az://, file://, gs://, s3://"):
        environment.store_of("ftp://host/data")


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
        environment.store_of(uri)


def test_a_subclass_adds_a_platform(environment: Environment, tmp_path: Path) -> None:
    """A class that names its scheme is asked for it, with the same directories and variables."""

    class OtherEnvironment(Environment):
        """Moves `other://` as it moves paths."""

        schemes = ("other",)

        def store(self, uri: str) -> Store:
            assert (self.base_dir, self.variables) == (tmp_path, {})
            return LocalStore(uri.removeprefix("other:/"))

    store = environment.store_of("other://data")

    assert isinstance(store, LocalStore)
    assert store.path == Path("/data")
    assert OtherEnvironment.schemes == ("other",)
