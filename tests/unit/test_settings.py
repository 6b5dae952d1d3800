"""The settings of the server."""

from __future__ import annotations

import itertools

import pytest
from mldock import ContainerError
from mldock.resources import granted_cpus
from mldock.serving.settings import ServerSettings, read_settings


def test_defaults() -> None:
    """Without variables: SageMaker's port and limits, and a worker for each CPU."""
    assert read_settings({}) == ServerSettings(
        port=8080,
        bind="",
        workers=granted_cpus(),
        timeout=60,
        max_wait=60,
        start_timeout=600,
        drain=1,
        max_body_mb=100,
        metrics_port=9090,
        docs=True,
        prefix="",
        reload=False,
        stage="",
    )


def test_variables_are_read() -> None:
    """Each setting has its variable."""
    settings = read_settings(
        {
            "SAGEMAKER_BIND_TO_PORT": "9000",
            "MLDOCK_SERVER_BIND": "0.0.0.0:80",
            "MLDOCK_SERVER_WORKERS": "3",
            "MLDOCK_SERVER_TIMEOUT": "120",
            "MLDOCK_SERVER_MAX_WAIT": "30",
            "MLDOCK_SERVER_START_TIMEOUT": "900",
            "MLDOCK_SERVER_PREFIX": "/iris",
            "MLDOCK_SERVER_DRAIN": "0",
            "SAGEMAKER_MAX_PAYLOAD_IN_MB": "6",
            "MLDOCK_SERVER_METRICS_PORT": "9100",
            "MLDOCK_SERVER_DOCS": "off",
            "MLDOCK_SERVER_RELOAD": "on",
            "MLDOCK_STAGE": "dev",
        }
    )

    assert settings == ServerSettings(
        port=9000,
        bind="0.0.0.0:80",
        workers=3,
        timeout=120,
        max_wait=30,
        start_timeout=900,
        drain=0,
        max_body_mb=6,
        metrics_port=9100,
        docs=False,
        prefix="/iris",
        reload=True,
        stage="dev",
    )
    assert settings.max_body_bytes == 6 * 2**20


BATCH = {"SAGEMAKER_BATCH": "True"}
BIND = {"MLDOCK_SERVER_BIND": "127.0.0.1:0"}


@pytest.mark.parametrize(
    ("variables", "name", "value"),
    [
        # As much as SageMaker waits for an answer; what a person sets goes first.
        (BATCH, "timeout", 600),
        ({"SAGEMAKER_BATCH": "false"}, "timeout", 60),
        ({**BATCH, "MLDOCK_SERVER_TIMEOUT": "5"}, "timeout", 5),
        # There is no page in prod, unless it is asked for.
        ({"MLDOCK_STAGE": "prod"}, "docs", False),
        ({"MLDOCK_STAGE": "prod", "MLDOCK_SERVER_DOCS": "on"}, "docs", True),
        # Servers that share ports, as on a laptop and in pipelines, have no metrics.
        (BIND, "metrics_port", 0),
        ({"SAGEMAKER_BIND_TO_PORT": "9000"}, "metrics_port", 0),
        ({**BIND, "MLDOCK_SERVER_METRICS_PORT": "9100"}, "metrics_port", 9100),
        ({"MLDOCK_SERVER_METRICS_PORT": "0"}, "metrics_port", 0),
    ],
    ids=str,
)
def test_defaults_hang_on_the_place(variables: dict[str, str], name: str, value: object) -> None:
    """SageMaker, a laptop and production have defaults of their own."""
    assert getattr(read_settings(variables), name) == value


SWITCHES = ("MLDOCK_SERVER_DOCS", "MLDOCK_SERVER_RELOAD")
FROM_ZERO = ("MLDOCK_SERVER_DRAIN", "MLDOCK_SERVER_METRICS_PORT")
NUMBERS = (
    "SAGEMAKER_BIND_TO_PORT",
    "MLDOCK_SERVER_WORKERS",
    "MLDOCK_SERVER_TIMEOUT",
    "SAGEMAKER_MAX_PAYLOAD_IN_MB",
)


@pytest.mark.parametrize(
    ("names", "texts", "fault"),
    [
        (NUMBERS, ["0", "-1", "1.5", "two", "1 "], "is not a positive whole number"),
        # Where 0 has a meaning, it is no mistake.
        (FROM_ZERO, ["-1", "1.5", "two"], "is not a whole number"),
        (SWITCHES, ["true", "1", "On "], "is neither on nor off"),
    ],
)
def test_wrong_value_is_explained(names: tuple[str, ...], texts: list[str], fault: str) -> None:
    """The message names the variable, its value and what is allowed; an empty one is none."""
    assert read_settings(dict.fromkeys(names, "")) == read_settings({})
    for name, text in itertools.product(names, texts):
        with pytest.raises(ContainerError, match=f"{name}={text} {fault}"):
            read_settings({name: text})
