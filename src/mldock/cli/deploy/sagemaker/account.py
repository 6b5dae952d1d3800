"""The AWS account that a command works in, and what is said when AWS refuses."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection
from mldock import ContainerError

# Who asks too often is answered a little later, without a failure.
CONFIG = Config(retries={"mode": "adaptive", "max_attempts": 10})

SIGN_IN = (
    "Sign in (aws configure, aws sso login), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY."
)
DENIED = "Have the permission given to who you are signed in as, or sign in as another."
REMEDIES = {
    "AccessDenied": DENIED,
    "AccessDeniedException": DENIED,
    "ExpiredToken": SIGN_IN,
    "ExpiredTokenException": SIGN_IN,
    "InvalidClientTokenId": SIGN_IN,
    "InvalidSignatureException": SIGN_IN,
    "UnrecognizedClientException": SIGN_IN,
    "ResourceLimitExceeded": (
        "Ask for more in Service Quotas, or choose another instance_type in mldock.json."
    ),
    "ThrottlingException": "Others ask too: run it again in a minute.",
    "ValidationException": "Correct what it names in mldock.json.",
}


@dataclass(frozen=True)
class Account:
    """Who asks, and in which region."""

    session: Any
    region: str

    def client(self, service: str) -> Any:
        """Return a client of a service."""
        return self.session.client(service, region_name=self.region, config=CONFIG)


def region_of(chosen: str | None) -> str | None:
    """Return the region that mldock.json, the environment or the AWS profile names."""
    region: str | None = chosen or os.environ.get("AWS_REGION") or boto3.Session().region_name
    return region


def open_account(region: str) -> Account:
    """Return the account that the AWS SDK's own chain of credentials leads to.

    Raises:
        ContainerError: Nobody is signed in.

    """
    session = boto3.Session()
    if session.get_credentials() is None:
        raise ContainerError(f"There are no AWS credentials. {SIGN_IN}")
    return Account(session, region)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what AWS refuses, and an AWS that cannot be reached, into one line for the person."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise ContainerError(told(error)) from error


def told(error: ClientError | BotoCoreError) -> str:
    """Say what has failed, and what to do."""
    if isinstance(error, ClientError):
        fault = error.response["Error"]
        words = " ".join(str(fault.get("Message", "")).split()) or "it says no more"
        remedy = REMEDIES.get(fault["Code"], "")
        return f"AWS refuses {error.operation_name}: {words} ({fault['Code']}). {remedy}".rstrip()
    unreachable = isinstance(error, (HTTPClientError, NoConnection))
    remedy = "Check the network, and the region." if unreachable else SIGN_IN
    return f"AWS cannot be asked: {' '.join(str(error).split())} {remedy}"


def found(call: Any, **names: str) -> dict[str, Any] | None:
    """Return what a `describe` answers, or None if there is no such thing."""
    try:
        answer: dict[str, Any] = call(**names)
    except ClientError as error:
        if is_missing(error):
            return None
        raise
    return answer


def is_missing(error: ClientError) -> bool:
    """Say whether AWS means that there is no such thing; SageMaker has no code for that."""
    fault = error.response["Error"]
    return fault["Code"] in {"ResourceNotFound", "ResourceNotFoundException"} or (
        fault["Code"] == "ValidationException" and "could not find" in fault["Message"].lower()
    )
