"""How the server is set up, from the environment variables that mldock and SageMaker define."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mldock import ContainerError
from mldock.resources import granted_cpus


@dataclass(frozen=True)
class ServerSettings:
    """The settings of nginx and gunicorn.

    Attributes:
        port: Where nginx listens; 8080, or `SAGEMAKER_BIND_TO_PORT`.
        bind: `MLDOCK_SERVER_BIND`, an address where gunicorn listens itself, without nginx.
        workers: `MLDOCK_SERVER_WORKERS`, by default as many as CPUs are granted.
        timeout: `MLDOCK_SERVER_TIMEOUT`, seconds of a prediction; 60 as on SageMaker's endpoints,
            600 in its batch transform.
        max_wait: `MLDOCK_SERVER_MAX_WAIT`, seconds that a request waits for others; one that would
            wait longer is answered with 503.
        start_timeout: `MLDOCK_SERVER_START_TIMEOUT`, seconds in which a worker must be ready.
        drain: `MLDOCK_SERVER_DRAIN`, seconds between the order to stop and the last new request.
        max_body_mb: `SAGEMAKER_MAX_PAYLOAD_IN_MB`, MiB; batch transform sends up to 100.
        metrics_port: `MLDOCK_SERVER_METRICS_PORT`, where Prometheus finds /metrics; 0 is nowhere.
        docs: `MLDOCK_SERVER_DOCS`, whether the page at / and /openapi.json are there.
        prefix: `MLDOCK_SERVER_PREFIX`, a path such as `/iris` that a gateway leaves in requests.
        reload: `MLDOCK_SERVER_RELOAD`, whether an edit of the sources is live at once.
        stage: `MLDOCK_STAGE`.

    """

    port: int
    bind: str
    workers: int
    timeout: int
    max_wait: int
    start_timeout: int
    drain: int
    max_body_mb: int
    metrics_port: int
    docs: bool
    prefix: str
    reload: bool
    stage: str

    @property
    def threads(self) -> int:
        """How many CPUs there are for each worker."""
        return max(1, granted_cpus() // self.workers)

    @property
    def max_body_bytes(self) -> int:
        return self.max_body_mb * 2**20

    @property
    def too_large(self) -> str:
        return (
            f"The body is larger than {self.max_body_mb} MiB. "
            "Send fewer rows, or raise SAGEMAKER_MAX_PAYLOAD_IN_MB."
        )


def read_settings(variables: Mapping[str, str]) -> ServerSettings:
    """Read the settings; raises ContainerError on a value that is not what it must be."""

    def number(name: str, default: int, least: int = 1) -> int:
        text = variables.get(name) or str(default)
        if not text.isdecimal() or int(text) < least:
            kind = "positive whole number" if least else "whole number"
            raise ContainerError(f"{name}={text} is not a {kind}. Correct it.")
        return int(text)

    def switch(name: str, default: bool) -> bool:
        text = variables.get(name) or ("on" if default else "off")
        if text not in ("on", "off"):
            raise ContainerError(f"{name}={text} is neither on nor off. Correct it.")
        return text == "on"

    bind = variables.get("MLDOCK_SERVER_BIND", "")
    prefix = variables.get("MLDOCK_SERVER_PREFIX", "").rstrip("/")
    if not re.fullmatch(r"(/[\w.~-]+)*", prefix, re.ASCII):
        raise ContainerError(
            f"MLDOCK_SERVER_PREFIX={prefix} is not the beginning of a path. Write it like /iris."
        )
    stage = variables.get("MLDOCK_STAGE", "")
    shares_ports = bool(bind or variables.get("SAGEMAKER_BIND_TO_PORT"))
    # SageMaker writes `true`, its SDK's local mode `True`.
    is_batch = variables.get("SAGEMAKER_BATCH", "").lower() == "true"
    timeout = number("MLDOCK_SERVER_TIMEOUT", 600 if is_batch else 60)
    return ServerSettings(
        port=number("SAGEMAKER_BIND_TO_PORT", 8080),
        bind=bind,
        workers=number("MLDOCK_SERVER_WORKERS", granted_cpus()),
        timeout=timeout,
        max_wait=number("MLDOCK_SERVER_MAX_WAIT", timeout),
        start_timeout=number("MLDOCK_SERVER_START_TIMEOUT", 600),
        drain=number("MLDOCK_SERVER_DRAIN", 1, least=0),
        max_body_mb=number("SAGEMAKER_MAX_PAYLOAD_IN_MB", 100),
        # On a laptop, and where SageMaker chooses ports, several servers share theirs.
        metrics_port=number("MLDOCK_SERVER_METRICS_PORT", 0 if shares_ports else 9090, least=0),
        docs=switch("MLDOCK_SERVER_DOCS", stage != "prod"),
        prefix=prefix,
        reload=switch("MLDOCK_SERVER_RELOAD", False),
        stage=stage,
    )
