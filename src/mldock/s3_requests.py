"""The AWS SDK as transfers need it: its clients, and a short way to the many small objects."""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import socket
from typing import Any

from mldock.errors import ContainerError
from mldock.storage.stores import Advance

# At the level INFO it tells with each client where its credentials are from.
logging.getLogger("botocore").setLevel(logging.WARNING)

# In bytes. Such objects are held in memory, one for each worker.
SMALL = 2**20

CONNECTIONS = 32
CONNECT_SECONDS, READ_SECONDS = 10, 60


class SmallObjects:
    """Gets and puts objects by signed URLs, at a third of the cost of the SDK's calls.

    With thousands of objects those calls, and not the network, are the bound. Whatever is unusual
    is left to them, for good: a store that knows no such URLs, a proxy, an error to be told.
    """

    def __init__(self, client: Any) -> None:
        from botocore.httpsession import URLLib3Session
        from botocore.utils import get_environ_proxies

        self.client = client
        self.usable = True
        self.http = URLLib3Session(
            verify=os.environ.get("AWS_CA_BUNDLE") or True,
            proxies=get_environ_proxies(client.meta.endpoint_url),
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            max_pool_connections=CONNECTIONS,
            # Else the body would wait for the answer to the headers.
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        )

    def get(self, place: dict[str, str], etag: str) -> bytes | None:
        """Return the content of the object of that ETag, if that can be had so."""
        answer = self.send("get_object", {**place, "IfMatch": etag}, {"If-Match": etag}, None)
        # Of what a key of the owner's encrypts, the SDK's call checks another checksum.
        return None if answer is None or is_encrypted(answer.headers) else bytes(answer.content)

    def put(self, place: dict[str, str], content: bytes) -> bool:
        """Store an object, which S3 compares with its MD5; say whether that could be done so."""
        md5 = base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
        parameters, headers = {**place, "ContentMD5": md5}, {"Content-MD5": md5}
        return self.send("put_object", parameters, headers, content) is not None

    def send(
        self, name: str, parameters: dict[str, str], headers: dict[str, str], body: bytes | None
    ) -> Any:
        """Send a request; return the answer if it is a good one."""
        from botocore.awsrequest import AWSPreparedRequest

        if self.usable:
            try:
                url = self.client.generate_presigned_url(name, Params=parameters)
                method = name.partition("_")[0].upper()
                answer = self.http.send(AWSPreparedRequest(method, url, headers, body, False))
                if answer.status_code == 200:
                    return answer
            # The SDK's call tells what is wrong; what is told here would show the signature.
            except Exception:
                pass
            self.usable = False
        return None


class Told:
    """Tells how many bytes of a large upload have been sent; the SDK calls it from its threads."""

    def __init__(self, advance: Advance) -> None:
        self.advance = advance

    def on_progress(self, *, bytes_transferred: int, **_: object) -> None:
        """Pass the number on."""
        self.advance(bytes_transferred)


def is_encrypted(headers: Any) -> bool:
    """Say whether a key of the owner's encrypts an object: then its ETag is no MD5."""
    name = "x-amz-server-side-encryption"
    return "kms" in headers.get(name, "") or f"{name}-customer-algorithm" in headers


def s3_client(session: Any, attempts: int) -> Any:
    """Return a client that tries each request so many times."""
    from botocore.config import Config

    retries = {"mode": "standard", "total_max_attempts": attempts}
    config = Config(
        max_pool_connections=CONNECTIONS,
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries=retries,
        # Its URLs are valid in every region.
        signature_version="s3v4",
    )
    return session.client("s3", config=config)


def aws_session() -> Any:
    """Return the settings and credentials that there are, or name the requirement that is not."""
    try:
        from boto3 import Session
    except ImportError as error:
        raise ContainerError("s3:// needs boto3: add it to src/requirements.txt.") from error
    return Session()


def transfer_manager(client: Any) -> Any:
    """Return what sends large files in parts."""
    from boto3.s3.transfer import TransferConfig, create_transfer_manager

    return create_transfer_manager(client, TransferConfig())
