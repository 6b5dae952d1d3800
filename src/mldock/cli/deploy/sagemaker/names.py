"""What things are called on SageMaker, so that a name says what it is and whose."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any

# SageMaker admits 63 characters; a time and a tag, or a digest, follow the first part.
BASE = 28
TAG = 18

PROJECT = "mldock:project"
STAGE = "mldock:stage"


def base_name(image_name: str, stage: str | None) -> str:
    """Return what the names of a project at a stage begin with."""
    name = image_name.rpartition("/")[2]
    return shortened(slug(f"{name}-{stage}" if stage else name), BASE)


def job_name(base: str, tag: str) -> str:
    """Return a name for a job that starts now: by project, image and time."""
    moment = datetime.now(UTC).strftime("%y%m%d-%H%M%S")
    return f"{base}-{shortened(slug(tag), TAG)}-{moment}"


def name_by_content(base: str, content: dict[str, Any]) -> str:
    """Return a name that another content does not have; the same content keeps its name."""
    return f"{base}-{digest(content)}"


def slug(text: str) -> str:
    """Return a text in the characters that SageMaker admits."""
    return re.sub(r"[^a-zA-Z0-9]+", "-", text).strip("-") or "x"


def shortened(text: str, length: int) -> str:
    """Return a text of at most that length; one that is cut ends in a digest of all of it."""
    if len(text) <= length:
        return text
    return f"{text[: length - 7].rstrip('-')}-{digest(text)[:6]}"


def digest(content: object) -> str:
    """Return ten digits that stand for a content."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:10]


def as_tags(pairs: dict[str, str]) -> list[dict[str, str]]:
    """Return tags as AWS takes them."""
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


def read_tags(client: Any, arn: str) -> dict[str, str]:
    """Return the tags of a thing on SageMaker."""
    pages = client.get_paginator("list_tags").paginate(ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}
