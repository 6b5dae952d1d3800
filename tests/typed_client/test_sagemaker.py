"""The same application asks an endpoint of SageMaker, which checks each signature."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.typed_client.endpoint import NAME, REGION, SECRET, Endpoint, signed_in
from tests.typed_client.making import Owner

ASK = ["payload.csv", "--sagemaker", NAME]


@pytest.fixture
def endpoint(server: str) -> Iterator[Endpoint]:
    """Return an endpoint of the model."""
    endpoint = Endpoint(server)
    yield endpoint
    endpoint.stop()


def test_answers_are_those_of_the_server(owner: Owner, server: str, endpoint: Endpoint) -> None:
    """Each request has a signature that is right, with the region of an option or a variable."""
    expected = owner.answers("payload.csv", "--url", server)

    assert owner.answers(*ASK, **signed_in(endpoint)) == expected
    variables = signed_in(endpoint, AWS_REGION="us-east-1")
    assert owner.answers(*ASK, "--region", REGION, **variables) == expected
    assert len(endpoint.signatures) == 2
    # Who has credentials for an hour has a token beside them; without it they are refused.
    endpoint.token = "an-hour"
    assert owner.answers(*ASK, **signed_in(endpoint, AWS_SESSION_TOKEN="an-hour")) == expected
    assert "security token" in owner.refused(*ASK, **signed_in(endpoint))


def test_wrong_secret_is_refused(owner: Owner, endpoint: Endpoint) -> None:
    """The person is told where to look, and not the secret."""
    wrong = f"{SECRET}x"

    result = owner.ask(*ASK, **signed_in(endpoint, AWS_SECRET_ACCESS_KEY=wrong))

    assert result.returncode == 1
    assert result.stdout.startswith(
        f"{endpoint.url}/endpoints/{NAME}/invocations answers with HTTP status 403: "
        "The request signature we calculated does not match the signature you provided."
    )
    assert "Look at who you are signed in as, at the secret key, and" in result.stdout
    assert SECRET not in result.stdout
    assert len(result.stdout.splitlines()) == 1
    assert endpoint.signatures == []


def test_words_of_the_model_are_found(owner: Owner, endpoint: Endpoint) -> None:
    """SageMaker wraps them twice; an endpoint that is not there is told by its name."""
    (owner.project.path / "rows.json").write_text(
        '{"sepal_length": -1, "sepal_width": 1, "petal_length": 1, "petal_width": 1}', "utf-8"
    )

    fault = owner.refused("rows.json", "--sagemaker", NAME, **signed_in(endpoint))
    missing = owner.refused("payload.csv", "--sagemaker", "other", **signed_in(endpoint))

    assert "HTTP status 424: row 1, sepal_length: Input should be greater than 0" in fault
    assert missing.endswith("status 400: Endpoint other of account 123456789012 not found.")


def test_busy_endpoint_is_asked_again(owner: Owner, endpoint: Endpoint) -> None:
    """As soon as it says, with a new signature each time; who is sent away always is told."""
    endpoint.busy = 2
    result = owner.ask(*ASK, **signed_in(endpoint))

    assert result.returncode == 0, result.stdout
    attempts = [line for line in result.stdout.splitlines() if "HTTP status 503" in line]
    assert len(attempts) == 2
    assert all(line.endswith("Asking again in 0 s.") for line in attempts)
    assert len(endpoint.signatures) == 3

    endpoint.busy = 9
    fault = owner.refused(*ASK, **signed_in(endpoint))
    assert fault.endswith("answers with HTTP status 503: Service unavailable.")


def test_nobody_is_signed_in(owner: Owner) -> None:
    """The ways to sign in are told, and that a region is needed; nothing is sent."""
    fault = owner.refused(*ASK, "--region", REGION)
    assert fault.startswith("Nobody is signed in to AWS. Sign in (aws configure, aws sso login)")
    assert owner.refused(*ASK) == (
        f"No region is known, so {NAME} cannot be found. Name it: --region eu-west-1"
    )
