"""More objects than one answer of S3 lists."""

from __future__ import annotations

from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from container.lifecycle.aws import S3Store
from tests.runtime.storage.tools import BUCKET

# Just more than ten answers list; they are put into the server, since to send them takes minutes.
COUNT = 10_001


def test_all_pages_are_listed(s3: Any) -> None:
    """Ten thousand objects and one are all of them."""
    del s3
    backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    for number in range(COUNT):
        backend.put_object(BUCKET, f"many/{number % 7}/{number}", b"")

    files = list(S3Store("s3://bucket/many").files())

    backend.get_bucket(BUCKET).keys.clear()
    assert len({file.path for file in files}) == COUNT
