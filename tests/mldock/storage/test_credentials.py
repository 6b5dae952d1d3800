"""Roles of platforms, accounts of other ones, and what a bucket wants, as the services see them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from mldock import aws, azure

from tests.mldock.storage.tools import keep, make_tree

KEYS = {"AccessKeyId": "AKIAROLE", "SecretAccessKey": "s", "Token": "t"}
TOKEN = {"access_token": "exchanged", "expires_in": 3600, "token_type": "Bearer"}
ANSWERS = {
    "/keys": KEYS | {"Expiration": "2050-01-01T00:00:00Z"},
    "/exchange": TOKEN,
}


class Service:
    """Keeps the headers of every request; what there is, it does not let anyone see."""

    def __init__(self) -> None:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                service.requests.append((self.path, dict(self.headers)))
                body = json.dumps(ANSWERS.get(self.path, "")).encode()
                self.send_response(403 if self.command == "HEAD" or "list" in self.path else 200)
                self.send_header("ETag", '"1"')
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

            do_GET = do_HEAD = do_PUT = do_POST = answer  # noqa: N815

        self.requests: list[tuple[str, dict[str, str]]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def headers(self, path: str) -> dict[str, str]:
        """Return the headers of the last request of a path, by names in small letters."""
        found = [headers for asked, headers in self.requests if asked.endswith(path)]
        return {name.lower(): value for name, value in found[-1].items()}


@pytest.fixture
def service(account: None) -> Iterator[Service]:  # noqa: ARG001 - hides the user's own credentials
    """Return a service."""
    service = Service()
    yield service
    service.server.shutdown()
    service.server.server_close()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Return a directory to upload."""
    return make_tree(tmp_path / "model", {"a": b"1"})


def test_role_of_a_platform(
    service: Service, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An image without boto3 asks the agent of the cluster, as on EKS, for the role's keys."""
    monkeypatch.setattr(aws, "find_spec", lambda _: None)
    (tmp_path / "token").write_text("of the pod")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{service.url}/keys")
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", service.url)

    keep(model, "s3://bucket/m")

    assert service.headers("/keys")["authorization"] == "of the pod"
    assert "Credential=AKIAROLE/" in service.headers("/m/a")["authorization"]


@pytest.mark.parametrize("has_boto3", [True, False])
def test_keys_of_a_file(
    has_boto3: bool,
    service: Service,
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`AWS_SHARED_CREDENTIALS_FILE` and `AWS_PROFILE` mean the same with boto3 and without."""
    monkeypatch.setattr(aws, "find_spec", lambda _: has_boto3)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    (tmp_path / "keys").write_text(
        "[default]\naws_access_key_id=AKIAOTHER\naws_secret_access_key=o\n"
        "[work]\naws_access_key_id=AKIAWORK\naws_secret_access_key=w%x\nregion=eu-west-1\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "keys"))
    monkeypatch.setenv("AWS_PROFILE", "work")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", service.url)

    keep(model, "s3://bucket/m")

    assert "Credential=AKIAWORK/" in service.headers("/m/a")["authorization"]


def test_key_of_the_owner(service: Service, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket that wants a key of KMS gets it with each object."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", service.url)
    monkeypatch.setenv("AWS_SERVER_SIDE_ENCRYPTION", "aws:kms")
    monkeypatch.setenv("AWS_SSE_KMS_KEY_ID", "alias/own")

    keep(model, "s3://bucket/m")

    headers = service.headers("/m/a")
    assert headers["x-amz-server-side-encryption"] == "aws:kms"
    assert headers["x-amz-server-side-encryption-aws-kms-key-id"] == "alias/own"


def test_account_of_another_platform(
    service: Service, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token of another platform is exchanged for Google's, by google-auth."""
    (tmp_path / "token").write_text("subject")
    content = {
        "type": "external_account",
        "audience": "//iam.googleapis.com/pool",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": f"{service.url}/exchange",
        "credential_source": {"file": str(tmp_path / "token")},
    }
    (tmp_path / "account.json").write_text(json.dumps(content))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "account.json"))
    monkeypatch.setenv("GOOGLE_BASE_URL", service.url)

    keep(model, "gs://bucket/m")

    assert service.headers("m%2Fa")["authorization"] == "Bearer exchanged"


@pytest.mark.parametrize(
    ("variables", "region", "endpoint"),
    [
        ({"AWS_REGION": "eu-west-1"}, "eu-west-1", None),
        ({"AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-2", None),
        ({"AWS_REGION": "cn-north-1"}, "cn-north-1", "https://s3.cn-north-1.amazonaws.com.cn"),
        ({"AWS_ENDPOINT_URL": "http://store:9000"}, "us-east-1", "http://store:9000"),
    ],
)
@pytest.mark.usefixtures("account")
def test_region_and_endpoint(
    variables: dict[str, str],
    region: str | None,
    endpoint: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Those of the SDK's own variables, and of a profile that has no keys."""
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    config = aws.from_boto3()["config"]

    assert (config.get("AWS_REGION"), config.get("AWS_ENDPOINT_URL_S3")) == (region, endpoint)


def test_azure_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """An account of another cloud, a signature in the address, and the emulator."""
    name = "AZURE_STORAGE_CONNECTION_STRING"
    monkeypatch.setenv(name, "AccountName=a;AccountKey=a2V5;EndpointSuffix=core.chinacloudapi.cn")
    assert azure.account()["endpoint"] == "https://a.blob.core.chinacloudapi.cn"
    monkeypatch.setenv(name, "UseDevelopmentStorage=true")
    assert azure.account() == {"use_emulator": "true"}
    monkeypatch.delenv(name)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_URL", "https://b.blob.core.windows.net?sv=1&sig=x%3D")
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/az")
    assert azure.account() == {
        "account_name": "b",
        "endpoint": "https://b.blob.core.windows.net",
        "sas_key": "sv=1&sig=x%3D",
        "use_azure_cli": "true",
    }
