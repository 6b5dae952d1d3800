"""Which credentials of this machine a container gets, and where it has them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.project import Project
from tests.secrets.conftest import python

CODE = """
import json
import os
from mldock.cli.credentials import credentials_for
mounts, leading = credentials_for(json.loads({variables!r}))
print(json.dumps([{{mount["Target"]: mount for mount in mounts}}, leading]))
"""

PLACES = {
    "s3": ("/tmp/.aws", ".aws"),
    "gs": ("/run/secrets/gcloud", ".config/gcloud"),
    "az": ("/run/secrets/azure", ".azure"),
}

LEADING = {
    "s3": {
        "AWS_SHARED_CREDENTIALS_FILE": "/tmp/.aws/credentials",
        "AWS_CONFIG_FILE": "/tmp/.aws/config",
    },
    "gs": {"CLOUDSDK_CONFIG": "/run/secrets/gcloud"},
    "az": {"AZURE_CONFIG_DIR": "/run/secrets/azure"},
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the home of somebody who has signed in everywhere."""
    for variable in list(os.environ):
        if variable.startswith(("AWS_", "AZURE_", "CLOUDSDK_", "GOOGLE_")):
            monkeypatch.delenv(variable)
    for name in (".aws", ".config/gcloud", ".azure"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def given(
    project: Project, run: dict[str, str], **variables: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the mounts by their targets, and the variables that lead there."""
    code = CODE.format(variables=json.dumps(run))
    mounts, leading = json.loads(python(project, code, **variables).stdout)
    return mounts, leading


@pytest.mark.parametrize("scheme", PLACES)
def test_a_store_in_use(project: Project, home: Path, scheme: str) -> None:
    """The folder of its sign-in, read-only; those of other stores stay where they are."""
    target, source = PLACES[scheme]
    mounts, leading = given(project, {"MLDOCK_INPUT_CHANNEL_X": f"{scheme}://bucket/x"})

    assert list(mounts) == [target]
    assert mounts[target]["Source"] == str(home / source)
    assert mounts[target]["ReadOnly"] is True
    assert leading == LEADING[scheme]


@pytest.mark.parametrize("value", ["/data", "file:///data", "https://bucket/s3://", ""])
@pytest.mark.usefixtures("home")
def test_no_store_in_use(project: Project, value: str) -> None:
    """A project without such channels gets nothing."""
    assert given(project, {"MLDOCK_INPUT_CHANNEL_X": value, "MLDOCK_STAGE": "s3"}) == ({}, {})


def test_nobody_has_signed_in(project: Project, home: Path) -> None:
    """What is not there is not mounted: the engine would refuse to start the container."""
    (home / ".aws").rmdir()

    assert given(project, {"MLDOCK_CHECKPOINTS": "s3://bucket/x"}) == ({}, {})


def test_files_that_variables_name(project: Project, home: Path) -> None:
    """Wherever they lie; `~` is the home, since `.env` has no shell."""
    (home / "keys").mkdir()
    for name in ("aws", "google.json"):
        (home / "keys" / name).write_text("x", "utf-8")
    run = {
        "MLDOCK_INPUT_CHANNEL_X": "s3://bucket/x",
        "MLDOCK_OUTPUT_CHANNEL_X": "gs://bucket/x",
        "AWS_CONFIG_FILE": "~/keys/aws",
        "AWS_SHARED_CREDENTIALS_FILE": "/missing",
        "AZURE_CLIENT_CERTIFICATE_PATH": str(home / "keys" / "aws"),
    }
    key = str(home / "keys" / "google.json")
    mounts, leading = given(project, run, GOOGLE_APPLICATION_CREDENTIALS=key)

    assert {target: mount["Source"] for target, mount in mounts.items()} == {
        "/tmp/.aws": str(home / ".aws"),
        "/run/secrets/AWS_CONFIG_FILE": str(home / "keys" / "aws"),
        "/run/secrets/gcloud": str(home / ".config" / "gcloud"),
        "/run/secrets/GOOGLE_APPLICATION_CREDENTIALS": key,
    }
    assert all(mount["ReadOnly"] for mount in mounts.values())
    assert leading["AWS_CONFIG_FILE"] == "/run/secrets/AWS_CONFIG_FILE"
    assert leading["GOOGLE_APPLICATION_CREDENTIALS"] == (
        "/run/secrets/GOOGLE_APPLICATION_CREDENTIALS"
    )


def test_a_folder_that_was_moved(project: Project, home: Path) -> None:
    """There is a variable for it, of gcloud as of az."""
    (home / "moved").mkdir()
    run = {"MLDOCK_INPUT_CHANNEL_X": "gs://bucket/x"}
    mounts, leading = given(project, run, CLOUDSDK_CONFIG=str(home / "moved"))

    assert mounts["/run/secrets/gcloud"]["Source"] == str(home / "moved")
    assert leading == LEADING["gs"]
