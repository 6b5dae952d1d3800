"""The application of a fresh client asks a server or an endpoint, in one line if that fails."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

import pytest

from tests.client import free_port
from tests.typed_client.endpoint import NAME, REGION, Endpoint
from tests.typed_client.making import Owner, run

ASK = ["payload.json", "--endpoint", NAME]
WRONG = '[{"sepal_length": -1, "sepal_width": 1, "petal_length": 1, "petal_width": 1}]'
REASON = "row 1, sepal_length: Input should be greater than 0, found '-1'"


@pytest.fixture
def endpoint(server: str) -> Iterator[Endpoint]:
    """Return an endpoint of the model."""
    endpoint = Endpoint(server)
    yield endpoint
    endpoint.stop()


def test_answers(owner: Owner, server: str, endpoint: Endpoint) -> None:
    """A server and an endpoint give each row of a file the same answer."""
    printed = owner.ask("payload.json", "--url", server)

    answers = [ast.literal_eval(line) for line in printed.splitlines()]
    assert [answer["species"] for answer in answers] == ["setosa", "versicolor", "virginica"]
    assert all(0 < answer["distance"] < 5 for answer in answers)
    assert owner.ask(*ASK, "--region", REGION, **endpoint.variables) == printed
    assert owner.ask(*ASK, **endpoint.variables, AWS_DEFAULT_REGION=REGION) == printed


def test_refusals(owner: Owner, server: str, endpoint: Endpoint) -> None:
    """The words of the model reach the user, from a server and within those of SageMaker."""
    (owner.project.path / "rows.json").write_text(WRONG, "utf-8")
    region = ["--region", REGION]

    assert owner.refused("rows.json", "--url", server) == REASON
    assert REASON in owner.refused("rows.json", *ASK[1:], *region, **endpoint.variables)
    other = ["payload.json", "--endpoint", "other", *region]
    assert "Endpoint not found." in owner.refused(*other, **endpoint.variables)
    assert owner.refused(*ASK) == "You must specify a region."
    assert owner.refused(*ASK, *region) == "Unable to locate credentials"


@pytest.mark.parametrize("text", ['[{"sepal_length": 5}]', "[[5.1, 3.5, 1.4, 0.2]]", "{", None])
def test_file_without_rows(owner: Owner, text: str | None) -> None:
    """The file is named before anything is sent."""
    file = owner.project.path / "rows.json"
    file.unlink(missing_ok=True)
    if text is not None:
        file.write_text(text, "utf-8")

    assert owner.refused("rows.json").startswith("rows.json is not a list of rows of this model: ")


def test_no_model_at_an_address(owner: Owner, server: str) -> None:
    """The address is named, whether nothing or something else answers there."""
    url = f"http://127.0.0.1:{free_port()}"
    assert owner.refused("payload.json", "--url", url).startswith(
        f"No answer from this model at {url}: ConnectError("
    )
    assert owner.refused("payload.json", "--url", f"{server}/x") == f"No model at {server}/x."


def test_client_is_typed(owner: Owner) -> None:
    """A strict type checker finds nothing, and finds a field that the model does not have."""
    assert owner.check_types().startswith("Success")

    wrong = owner.folder / "wrong.py"
    wrong.write_text("from iris_client.models import Flower\n\nFlower(petals=4)\n", "utf-8")
    found = owner.check_types()
    wrong.unlink()
    assert 'Unexpected keyword argument "petals"' in found


def test_lint_of_the_project_passes(owner: Owner) -> None:
    """What is generated is formatted, and no rule of the project's is broken."""
    for command in (["check"], ["format", "--diff"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", "client"]
        result = run(ruff, owner.project.path)
        assert result.returncode == 0, result.stdout
