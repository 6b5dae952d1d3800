"""What is secret is not in the log, however much is logged."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.proxy import Fault, Proxy
from tests.runtime.storage.tools import BUCKET, program, surroundings

SECRETS = {
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_SESSION_TOKEN": "FwoGZXIvYXdzEBYaDKexample/token+with=signs",
}
BODY = """
configure_logging()
transfers.RETRY_TOTAL = 1.0
try:
    fetch({uri!r}, Path({directory!r}))
except Exception:
    logging.exception("it has failed")
    logging.error("%s at %s", os.environ, "https://user:password@host/path")
"""


@pytest.mark.parametrize(
    ("uri", "fault"),
    [
        ("s3://bucket/p", Fault()),
        ("s3://bucket/p", Fault(503, "SlowDown")),
        ("s3://bucket/p", Fault(403, "SignatureDoesNotMatch")),
        ("s3://user:password@bucket/p", Fault()),
    ],
    ids=str,
)
def test_secrets_are_not_logged(
    uri: str, fault: Fault, proxy: Proxy, s3: Any, tmp_path: Path
) -> None:
    """At the level DEBUG, neither a success nor a failure tells a secret."""
    s3.put_object(Bucket=BUCKET, Key="p/x", Body=b"1")
    proxy.always = fault
    command = program(
        BODY.format(uri=uri, directory=str(tmp_path)), MLDOCK_LOGS_LEVEL="DEBUG", **SECRETS
    )

    run = subprocess.run(command, env=surroundings(), capture_output=True, text=True, check=True)

    log = run.stdout + run.stderr
    assert "DEBUG" in log
    assert ("it has failed" in log) is (fault.status != 0 or "@" in uri)
    for secret in [*SECRETS.values(), "user:password"]:
        assert secret not in log
