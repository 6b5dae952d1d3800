"""Channels on Amazon S3 and the stores that speak its protocol (`AWS_ENDPOINT_URL_S3`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import ClassVar

from mldock.environment import Environment
from mldock.s3_requests import (
    SMALL,
    SmallObjects,
    Told,
    aws_session,
    is_encrypted,
    s3_client,
    transfer_manager,
)
from mldock.storage.objects import ObjectStore
from mldock.storage.stores import CHUNK, Advance, RemoteFile, Store, Write

# What S3 says in a word, where its status says too little.
REGION = "The bucket is in another region: set AWS_REGION to it."
CODES = {
    "ExpiredToken": "The session has expired: sign in again.",
    "InvalidAccessKeyId": "Check AWS_ACCESS_KEY_ID.",
    "InvalidToken": "Check AWS_SESSION_TOKEN.",
    "SignatureDoesNotMatch": "Check AWS_SECRET_ACCESS_KEY.",
    "RequestTimeTooSkewed": "Set the clock of this machine.",
    "PermanentRedirect": REGION,
    "AuthorizationHeaderMalformed": REGION,
    "IllegalLocationConstraintException": REGION,
}
# What came to S3 broken or too late, although its status blames who sent it.
TRANSIENT = {"BadDigest", "OperationAborted", "RequestTimeout", "XAmzContentSHA256Mismatch"}
CREDENTIALS = "Sign in, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give it a role."

# The MD5 of the object, or of its parts' MD5s and their number; not every server keeps to that.
ETAG = re.compile(r"[0-9a-f]{32}(-[0-9]+)?")

# Larger files are sent in parts, several at a time.
SINGLE_UPLOAD = 8 * 2**20


class AWSEnvironment(Environment):
    """Moves `s3://bucket/prefix`; credentials come from the AWS SDK's own chain."""

    schemes: ClassVar[tuple[str, ...]] = ("s3",)

    def store(self, uri: str) -> Store:
        """Return the objects under the prefix, or the one object, that `uri` names."""
        return S3Store(uri)


class S3Store(ObjectStore):
    """Objects on S3."""

    def __init__(self, uri: str) -> None:
        super().__init__(uri)
        session = aws_session()
        # One try each, since the transfer tries again itself and counts the time; but the parts of
        # a large upload are better tried again one by one. Threads could not make clients.
        self.client = s3_client(session, attempts=1)
        self.small = SmallObjects(self.client)
        self.uploads = transfer_manager(s3_client(session, attempts=4))
        self.unchecked: set[str] = set()

    def files(self) -> Iterator[RemoteFile]:
        """Yield the objects, a thousand with each answer."""
        pages = self.client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self.bucket, Prefix=self.prefix):
            if not {"Name", "IsTruncated"}.intersection(page):
                # The SDK takes an answer that was cut before its first byte for an empty list.
                raise ConnectionError("the list of the objects was cut off")
            for item in page.get("Contents", ()):
                modified = item["LastModified"].timestamp()
                if file := self.file(item["Key"], item["Size"], modified, item["ETag"].strip('"')):
                    yield file

    def part_size(self, file: RemoteFile) -> int:
        """Return the size of the parts that the object was uploaded in, whose MD5 is known."""
        count = file.md5.rpartition("-")[2]
        if "-" not in file.md5 or not count.isdecimal():
            return super().part_size(file)
        last = int(count)
        size, rest = (self.size_of(file, number) for number in (1, last))
        if (last - 1) * size + rest == file.size and rest <= size:
            return max(size, 1)
        # Parts of different sizes are rare: it is not worth asking for the size of each.
        self.unchecked.add(file.key)
        return super().part_size(file)

    def size_of(self, file: RemoteFile, number: int) -> int:
        """Return the size of one of the parts that the object was uploaded in."""
        head = self.client.head_object(Bucket=self.bucket, Key=file.key, PartNumber=number)
        return int(head["ContentLength"])

    def read(self, file: RemoteFile, start: int, stop: int, write: Write) -> None:
        """Get a range of the object, of the very content that was listed."""
        place, etag = {"Bucket": self.bucket, "Key": file.key}, f'"{file.md5}"'
        if file.size <= SMALL and (content := self.small.get(place, etag)) is not None:
            write(content)
            return
        part = {"Range": f"bytes={start}-{stop - 1}"} if stop - start < file.size else {}
        response = self.client.get_object(**place, **part, IfMatch=etag)
        if is_encrypted(response["ResponseMetadata"]["HTTPHeaders"]):
            self.unchecked.add(file.key)
        # As a context manager it would be the bare stream of urllib3, with errors of its own.
        with closing(response["Body"]) as body:
            while chunk := body.read(CHUNK):
                write(chunk)

    def checksum(self, file: RemoteFile) -> str:
        """Return the ETag where it is made of MD5s: not where a key of the owner's encrypts."""
        known = ETAG.fullmatch(file.md5) and file.key not in self.unchecked
        return file.md5 if known else ""

    def save(self, source: Path, path: str, advance: Advance) -> None:
        """Put an object, a large one in parts; S3 compares each with its checksum."""
        size, key = source.stat().st_size, self.key_of(path)
        place = {"Bucket": self.bucket, "Key": key}
        if size <= SMALL and self.small.put(place, source.read_bytes()):
            advance(size)
            return
        if size > SINGLE_UPLOAD:
            self.uploads.upload(str(source), self.bucket, key, subscribers=[Told(advance)]).result()
            return
        with source.open("rb") as body:
            self.client.put_object(**place, Body=body)
        advance(size)

    def delete(self, path: str) -> None:
        """Delete an object."""
        self.client.delete_object(Bucket=self.bucket, Key=self.key_of(path))

    def remedy(self, error: Exception) -> str | None:
        """Say what a person can do about an error of the AWS SDK."""
        from botocore import exceptions as faults
        from botocore.parsers import ResponseParserError

        unsigned = (
            faults.NoCredentialsError,
            faults.PartialCredentialsError,
            faults.CredentialRetrievalError,
            faults.TokenRetrievalError,
            faults.SSOError,
        )
        if isinstance(error, faults.ClientError):
            code = error.response["Error"]["Code"]
            return None if code in TRANSIENT else CODES.get(code) or super().remedy(error)
        if isinstance(error, unsigned):
            return CREDENTIALS
        lost = (
            faults.HTTPClientError,
            faults.ConnectionError,
            faults.FlexibleChecksumError,
            faults.IncompleteReadError,
            ResponseParserError,
        )
        return None if isinstance(error, lost) else super().remedy(error)

    def reason(self, error: Exception) -> str:
        """Say what S3 answered, or what the AWS SDK met."""
        answer = getattr(error, "response", {}).get("Error")
        return f"{answer['Code']}: {answer['Message']}" if answer else super().reason(error)

    def status(self, error: Exception) -> int | None:
        """Return the status of S3's answer."""
        answer = getattr(error, "response", None) or {}
        status: int | None = answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return status
