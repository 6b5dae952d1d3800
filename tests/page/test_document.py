"""The server does what its OpenAPI document says, whatever is sent to it."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from tests.mldock.workspace import Run

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
# The same requests at each run, in a few seconds.
LIMITS = settings(
    max_examples=50,
    derandomize=True,
    deadline=None,
    database=None,
    # To shrink what has failed would take minutes.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

schemathesis.serializer.alias("application/jsonlines", "text/plain")
schemathesis.serializer.alias("application/x-npy", "application/octet-stream")


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("model", ["house", "tumor", "story"])
def test_server_keeps_its_word(
    request: pytest.FixtureRequest, model: str, mode: GenerationMode
) -> None:
    """Nothing makes it fail, its answers are as documented, and JSON that is right is answered."""
    server: Run = request.getfixturevalue(model)
    api: Any = schemathesis.openapi.from_url(f"{server.address}/openapi.json")

    def check(case: Case[Any]) -> None:
        response = case.call()
        case.validate_response(response, checks=CHECKS)
        if mode is GenerationMode.POSITIVE and case.media_type == "application/json":
            assert response.status_code == 200, (case.body, response.text)

    for found in api.get_all_operations():
        route = found.ok()
        # What takes nothing takes nothing wrong.
        if route.body or mode is GenerationMode.POSITIVE:
            LIMITS(given(case=route.as_strategy(generation_mode=mode))(check))()
