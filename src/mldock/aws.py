"""Channels on Amazon S3 and the stores that speak its protocol (`AWS_ENDPOINT_URL_S3`)."""

from __future__ import annotations

import hashlib
import os
import re
import ssl
from configparser import ConfigParser
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from mldock.environment import Environment
from mldock.errors import ContainerError
from mldock.places import RemoteFile, split_uri
from mldock.stores import CLIENT, RETRY, Bucket, Store

CREDENTIALS = "Sign in, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give it a role."
KEYS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
MD5 = re.compile(r'"?([0-9a-f]{32})"?')


class AWSEnvironment(Environment):
    """Moves `s3://bucket/prefix`.

    obstore takes the credentials from the variables or from a role of the platform. Where boto3 is
    installed, as on a laptop, its chain finds profiles, single sign-on and assumed roles too.
    """

    schemes: ClassVar[tuple[str, ...]] = ("s3",)

    def store(self, uri: str) -> Store:
        """Return the objects under the prefix, or the one object, that `uri` names."""
        from obstore.store import S3Store

        client: Any = dict(CLIENT)
        if bundle := os.environ.get("AWS_CA_BUNDLE"):
            client["root_certificate"] = Path(bundle).read_bytes()
        options = from_boto3() if find_spec("boto3") else from_file()
        store = S3Store(split_uri(uri)[0], client_options=client, retry_config=RETRY, **options)
        return S3Bucket(store, uri, CREDENTIALS)


class S3Bucket(Bucket):
    """Objects on S3, whose ETags are MD5s and which names the region of a bucket."""

    compares_md5 = True

    def is_copy(self, file: RemoteFile, copy: Path) -> bool:
        """Compare the ETag where it is the MD5 of the whole content."""
        import obstore

        known = MD5.fullmatch(file.etag)
        if known is None or not self.compares_md5:
            return True
        with copy.open("rb") as content:
            if hashlib.file_digest(content, "md5").hexdigest() == known[1]:
                return True
        # With a key of KMS an ETag has the same form, but is not an MD5.
        url = obstore.sign(self.store, "HEAD", file.key, timedelta(minutes=5))
        with suppress(OSError):
            encryption = headers_of(url).get("x-amz-server-side-encryption", "")
            self.compares_md5 = "kms" not in encryption
            return not self.compares_md5
        return True

    def remedy(self, status: int, text: str) -> str:
        """Add what S3's own words mean, among them the region of a bucket in another one."""
        if re.search("ExpiredToken|InvalidToken", text):
            return "The session has ended: sign in again."
        if re.search("InvalidAccessKeyId|SignatureDoesNotMatch", text):
            return "Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        if re.search("configured region|AuthorizationHeaderMalformed|IllegalLocation", text):
            named = re.search(r"<Region>(.+?)</Region>", text)
            region = named[1] if named else self.region()
            return f"The bucket is in another region: set AWS_REGION to {region}."
        return super().remedy(status, text)

    def region(self) -> str:
        """Ask S3, which needs no signature for it."""
        config = self.store.config
        named = config.get("endpoint_url_s3") or config.get("endpoint")
        endpoint = named or "https://s3.amazonaws.com"
        try:
            headers = headers_of(f"{endpoint}/{self.name}")
        except HTTPError as error:
            headers = error.headers
        except OSError:
            headers = {}
        return str(headers.get("x-amz-bucket-region", "that"))


def headers_of(url: str) -> Any:
    """Return the headers of an object or a bucket, without obstore, which keeps them to itself."""
    context = ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE"))
    with urlopen(Request(url, method="HEAD"), timeout=10, context=context) as answer:
        return answer.headers


def from_boto3() -> dict[str, Any]:
    """Return the credentials, the region and the endpoint that boto3 finds."""
    import boto3
    from botocore.exceptions import BotoCoreError

    # boto3 itself reads AWS_DEFAULT_REGION alone.
    session = boto3.Session(region_name=os.environ.get("AWS_REGION"))
    options: dict[str, Any] = {"config": own_endpoint(session)}
    try:
        credentials = session.get_credentials()
        if credentials is None:
            return options
        # Now, since obstore would print a traceback of it.
        credentials.get_frozen_credentials()
    except BotoCoreError as error:
        raise ContainerError(f"no credentials: {error} {CREDENTIALS}") from error

    def provide() -> dict[str, Any]:
        frozen = credentials.get_frozen_credentials()
        return {
            "access_key_id": frozen.access_key,
            "secret_access_key": frozen.secret_key,
            "token": frozen.token,
            # boto3 renews them; it is asked again before they can be too old.
            "expires_at": datetime.now(UTC) + timedelta(minutes=5),
        }

    return {**options, "credential_provider": provide}


def own_endpoint(session: Any) -> dict[str, str]:
    """Return the region of a session of boto3, and the endpoint where it is not the usual one."""
    meta = session.client("s3").meta
    config = {} if meta.region_name == "aws-global" else {"AWS_REGION": meta.region_name}
    if not re.fullmatch(r"https://s3\.([a-z0-9-]+\.)?amazonaws\.com", meta.endpoint_url):
        config["AWS_ENDPOINT_URL_S3"] = meta.endpoint_url
    return config


def from_file() -> dict[str, Any]:
    """Return the keys of the file that `AWS_SHARED_CREDENTIALS_FILE` names."""
    path = os.environ.get("AWS_SHARED_CREDENTIALS_FILE")
    if not path or os.environ.get("AWS_ACCESS_KEY_ID"):
        return {}
    file = ConfigParser(interpolation=None)
    file.read(path, encoding="utf-8")
    profiles = [os.environ.get("AWS_PROFILE"), "default"]
    section: Any = next((file[name] for name in profiles if name and name in file), {})
    return {"config": {name: section[name] for name in KEYS if name in section}}
