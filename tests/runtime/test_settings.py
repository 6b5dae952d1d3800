"""The settings of the server."""

from __future__ import annotations

import itertools

import pytest

from container.lifecycle import ContainerError
from container.prediction.resources import granted_cpus
from container.prediction.settings import ServerSettings, read_settings


def test_defaults() -> None:
    """Without variables: SageMaker's port and limits, and a worker for each CPU."""
    assert read_settings({}) == ServerSettings(
        port=8080,
        bind="",
        workers=granted_cpus(),
        timeout=60,
        drain=1,
        max_body_mb=100,
        metrics_port=9090,
        docs=True,
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
        drain=0,
        max_body_mb=6,
        metrics_port=9100,
        docs=False,
        reload=True,
        stage="dev",
    )
    assert settings.max_body_bytes == 6 * 2**20


@pytest.mark.parametrize(
    ("variables", "timeout"),
    [
        ({"SAGEMAKER_BATCH": "True"}, 600),
        ({"SAGEMAKER_BATCH": "false"}, 60),
        ({"SAGEMAKER_BATCH": "true", "MLDOCK_SERVER_TIMEOUT": "5"}, 5),
    ],
    ids=str,
)
def test_batch_transform_has_more_time(variables: dict[str, str], timeout: int) -> None:
    """As much as SageMaker waits for an answer; what a person sets goes first."""
    assert read_settings(variables).timeout == timeout


@pytest.mark.parametrize(
    ("variables", "docs"),
    [
        ({"MLDOCK_STAGE": "dev"}, True),
        ({"MLDOCK_STAGE": "prod"}, False),
        ({"MLDOCK_STAGE": "prod", "MLDOCK_SERVER_DOCS": "on"}, True),
        ({"MLDOCK_STAGE": "dev", "MLDOCK_SERVER_DOCS": "off"}, False),
    ],
    ids=str,
)
def test_page_is_off_in_prod(variables: dict[str, str], docs: bool) -> None:
    """Unless it is asked for."""
    assert read_settings(variables).docs is docs


@pytest.mark.parametrize(
    "bind", [{"MLDOCK_SERVER_BIND": "127.0.0.1:0"}, {"SAGEMAKER_BIND_TO_PORT": "9000"}], ids=str
)
def test_servers_that_share_ports_have_no_metrics(bind: dict[str, str]) -> None:
    """On a laptop, and in SageMaker's pipelines, unless a person asks for them."""
    assert read_settings(bind).metrics_port == 0
    assert read_settings({**bind, "MLDOCK_SERVER_METRICS_PORT": "9100"}).metrics_port == 9100
    assert read_settings({"MLDOCK_SERVER_METRICS_PORT": "0"}).metrics_port == 0


SWITCHES = ("MLDOCK_SERVER_DOCS", "MLDOCK_SERVER_RELOAD")
FROM_ZERO = ("MLDOCK_SERVER_DRAIN", "MLDOCK_SERVER_METRICS_PORT")
NUMBERS = (
    "SAGEMAKER_BIND_TO_PORT",
    "MLDOCK_SERVER_WORKERS",
    "MLDOCK_SERVER_TIMEOUT",
    "SAGEMAKER_MAX_PAYLOAD_IN_MB",
)


def test_empty_is_absent() -> None:
    """A variable that is set to nothing means the default."""
    assert read_settings(dict.fromkeys([*NUMBERS, *FROM_ZERO, *SWITCHES], "")) == read_settings({})


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
    """The message names the variable, its value and what is allowed."""
    for name, text in itertools.product(names, texts):
        with pytest.raises(ContainerError, match=f"{name}={text} {fault}"):
            read_settings({name: text})
