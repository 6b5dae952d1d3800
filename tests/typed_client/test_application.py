"""The application of a fresh client asks a server, and says what a person has to know."""

from __future__ import annotations

import sys

import pytest

from tests.client import free_port
from tests.typed_client.making import Owner, run

NAMES = "sepal_length,sepal_width,petal_length,petal_width\n"
SPECIES = ["setosa", "versicolor", "virginica"]


def test_answers_are_a_table(owner: Owner, server: str) -> None:
    """Rows of CSV and of JSON get the same answers, at an address with or without a slash."""
    names, *answers = owner.answers("payload.csv", "--url", server)

    assert names == ["row", "species", "distance"]
    assert [line[:2] for line in answers] == [[str(n), s] for n, s in enumerate(SPECIES, 1)]
    assert all(0 < float(line[2]) < 5 for line in answers)
    assert owner.answers("payload.json", "--url", f"{server}/") == [names, *answers]


def test_client_is_typed(owner: Owner) -> None:
    """A strict type checker finds nothing, and finds a field that the model does not have."""
    assert owner.check_types().startswith("Success")
    assert (owner.folder / "iris_client" / "py.typed").is_file()

    wrong = owner.folder / "wrong.py"
    wrong.write_text("from iris_client.models import Flower\n\nFlower(petals=4)\n", "utf-8")
    found = owner.check_types()
    wrong.unlink()
    assert 'Unexpected keyword argument "petals"' in found


def test_lint_of_the_project_passes(owner: Owner) -> None:
    """It holds the application to its rules, but not what is made anew each time."""
    ruff = [sys.executable, "-m", "ruff"]
    for command in (["check", "--no-cache"], ["format", "--diff", "--no-cache"]):
        result = run([*ruff, *command, "client"], owner.project.path)
        assert result.returncode == 0, result.stdout

    (owner.folder / "wrong.py").write_text("import os\n", "utf-8")
    result = run([*ruff, "check", "--no-cache", "client"], owner.project.path)
    (owner.folder / "wrong.py").unlink()
    assert "F401" in result.stdout


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("rows.csv", NAMES + "5.1,3.5,1.4\n", "row 1 has no petal_width."),
        ("rows.json", "[[5.1, 3.5, 1.4, 0.2]]", "row 1 is no object with names: [5.1,"),
        ("rows.json", "{", "rows.json cannot be read: Expecting property name"),
        ("rows.csv", None, "rows.csv cannot be read: No such file or directory."),
    ],
)
def test_file_that_cannot_be_asked(owner: Owner, name: str, text: str | None, fault: str) -> None:
    """What is wrong with it is said before anything is sent."""
    file = owner.project.path / name
    file.unlink(missing_ok=True)
    if text is not None:
        file.write_text(text, "utf-8")

    assert owner.refused(name).startswith(fault)


def test_row_that_the_model_refuses(owner: Owner, server: str) -> None:
    """The server's words reach the user."""
    (owner.project.path / "rows.csv").write_text(f"{NAMES}5,3,1,1\n-1,3,1,1\n", "utf-8")

    fault = owner.refused("rows.csv", "--url", server)

    assert fault.startswith(f"{server}/invocations answers with HTTP status 422: row 2, sepal_len")
    assert "greater than 0, found '-1'" in fault


def test_server_that_is_away(owner: Owner) -> None:
    """It is asked again, which is told, and then given up."""
    url = f"http://127.0.0.1:{free_port()}"

    result = owner.ask("payload.csv", "--url", url)

    *attempts, last = result.stdout.splitlines()
    assert result.returncode == 1
    assert [line.split(". ")[-1] for line in attempts] == [
        f"Asking again in {wait} s." for wait in ("0.5", "1", "2")
    ]
    assert last.startswith(f"Nothing answers at {url}/invocations (")
    assert last.endswith("Start the server, or name another.")


def test_address_of_something_else(owner: Owner, server: str) -> None:
    """A place where no model is says so, and so does what is no address."""
    fault = owner.refused("payload.csv", "--url", f"{server}/other")
    assert f"{server}/other/invocations answers with HTTP status 404: " in fault
    assert fault.endswith("Is this the address of the model?")
    assert "protocol" in owner.refused("payload.csv", "--url", "localhost")


def test_answer_of_another_model(owner: Owner, server: str) -> None:
    """A client that is older than the model says so, and what to do."""
    model = owner.folder / "iris_client" / "models" / "prediction.py"
    text = model.read_text("utf-8")
    model.write_text(text.replace('d.pop("species")', 'd.pop("kind")'), "utf-8")
    fault = owner.refused("payload.csv", "--url", server)
    model.write_text(text, "utf-8")

    assert "KeyError('kind')" in fault
    assert fault.endswith("Make the client anew: nox -s client")
