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
from pathlib import Path
from mldock.cli.credentials import credentials_for
mounts, leading = credentials_for(json.loads({variables!r}))
for mount in mounts:
    mount["Text"] = Path(mount["Source"]).read_text()
print(json.dumps([{{mount["Target"]: mount for mount in mounts}}, leading]))
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the home of somebody who has signed in everywhere."""
    for variable in list(os.environ):
        if variable.startswith(("AWS_", "AZURE_", "CLOUDSDK_", "GOOGLE_", "REQUESTS_", "SSL_")):
            monkeypatch.delenv(variable)
    files = {
        ".aws/config": "[profile work]\nregion = eu-west-1\nrole_session_name = x\n",
        ".aws/credentials": "[work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = word\n",
        ".config/gcloud/application_default_credentials.json": "{}",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def given(
    project: Project, run: dict[str, str], **variables: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the mounts by their targets, and the variables that lead there."""
    code = CODE.format(variables=json.dumps(run))
    mounts, leading = json.loads(python(project, code, **variables).stdout)
    return mounts, leading


@pytest.mark.usefixtures("home")
def test_profile_of_aws(project: Project) -> None:
    """The keys that the profile leads to, in a file of their own; not in a variable."""
    run = {"MLDOCK_INPUT_CHANNEL_X": "s3://bucket/x"}
    mounts, leading = given(project, run, AWS_PROFILE="work")

    target = "/run/secrets/AWS_SHARED_CREDENTIALS_FILE"
    assert list(mounts) == [target]
    assert mounts[target]["ReadOnly"] is True
    assert "aws_secret_access_key = word" in mounts[target]["Text"]
    # It is gone when the command has ended.
    assert not Path(mounts[target]["Source"]).exists()
    assert leading == {"AWS_SHARED_CREDENTIALS_FILE": target, "AWS_REGION": "eu-west-1"}


def test_sign_in_of_google(project: Project, home: Path) -> None:
    """The file that gcloud has written, wherever its folder is."""
    run = {"MLDOCK_INPUT_CHANNEL_X": "gs://bucket/x"}
    target = "/run/secrets/GOOGLE_APPLICATION_CREDENTIALS"
    mounts, leading = given(project, run)

    assert mounts[target]["Source"].startswith(f"{home}/.config/gcloud/")
    assert leading == {"GOOGLE_APPLICATION_CREDENTIALS": target}
    (home / ".config" / "gcloud").rename(home / "moved")
    mounts, _ = given(project, run, CLOUDSDK_CONFIG=str(home / "moved"))
    assert mounts[target]["Source"].startswith(f"{home}/moved/")


@pytest.mark.parametrize("value", ["/data", "file:///data", "https://bucket/s3://", ""])
@pytest.mark.usefixtures("home")
def test_no_store_in_use(project: Project, value: str) -> None:
    """A project without such channels gets nothing."""
    run = {"MLDOCK_INPUT_CHANNEL_X": value, "MLDOCK_STAGE": "s3"}
    assert given(project, run, AWS_PROFILE="work") == ({}, {})


@pytest.mark.usefixtures("home")
def test_nobody_has_signed_in(project: Project) -> None:
    """What is not there is not mounted: the engine would refuse to start the container."""
    run = {"MLDOCK_CHECKPOINTS": "s3://bucket/x", "GOOGLE_APPLICATION_CREDENTIALS": "/missing"}
    assert given(project, run, AWS_PROFILE="default") == ({}, {})


def test_files_that_variables_name(project: Project, home: Path) -> None:
    """Wherever they are; `~` is the home, since `.env` has no shell."""
    (home / "google.json").write_text("{}", "utf-8")
    run = {
        "MLDOCK_OUTPUT_CHANNEL_X": "gs://bucket/x",
        "GOOGLE_APPLICATION_CREDENTIALS": "~/google.json",
        "AWS_CA_BUNDLE": "~/google.json",
    }
    mounts, leading = given(project, run)

    target = "/run/secrets/GOOGLE_APPLICATION_CREDENTIALS"
    assert {name: mount["Source"] for name, mount in mounts.items()} == {
        target: str(home / "google.json")
    }
    assert leading == {"GOOGLE_APPLICATION_CREDENTIALS": target}


def test_authorities_of_a_company(project: Project, home: Path) -> None:
    """Every container gets them, whatever its channels are."""
    (home / "company-ca.pem").write_text("a certificate", "utf-8")
    names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
    mounts, leading = given(project, {}, **dict.fromkeys(names, str(home / "company-ca.pem")))

    assert leading == {name: f"/run/secrets/{name}" for name in names}
    assert {mount["Text"] for mount in mounts.values()} == {"a certificate"}
