"""The session `client`: what it reads, what it replaces, and what it says."""

from __future__ import annotations

import pytest

from tests.client import free_port
from tests.typed_client.making import Owner

SAID = """\
Reading the types of {}.
Generating the client; its generator is fetched once.
client/iris_client/ is made anew.
"""
YOURS = "client/{} is yours and stays as it is. Remove it to get a new one.\n"


def test_second_time_keeps_what_is_the_owners(owner: Owner, server: str) -> None:
    """What is generated is new, with nothing left of before; the owner's files are not touched.

    Made from a server, the client is the same as that from the project's own types.
    """
    application, settings = owner.folder / "application.py", owner.folder / "pyproject.toml"
    package, document = owner.folder / "iris_client", owner.folder / "openapi.json"
    before = {path: path.read_text("utf-8") for path in (application, settings, document)}
    application.write_text("# Mine.\n" + before[application], "utf-8")
    (package / "left.py").touch()
    (package / "types.py").unlink()
    document.unlink()

    result = owner.make("--url", server)

    assert result.returncode == 0, result.stdout
    said = SAID.format(server) + YOURS.format("pyproject.toml") + YOURS.format("application.py")
    assert said in result.stdout
    assert application.read_text("utf-8").startswith("# Mine.\n")
    assert settings.read_text("utf-8") == before[settings]
    assert document.read_text("utf-8") == before[document]
    assert (package / "types.py").is_file()
    assert not (package / "left.py").exists()
    application.write_text(before[application], "utf-8")


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/other", "{url}/other/openapi.json answers with HTTP status 404. A server of the stage"),
        ("/execution-parameters?", "The document is not that of a model's server (KeyError: "),
    ],
)
def test_no_document(owner: Owner, server: str, path: str, fault: str) -> None:
    """An address that shows none is told, with what to do."""
    result = owner.make("--url", server + path)

    assert result.returncode == 1
    assert result.stdout.splitlines()[-1].startswith(fault.format(url=server))
    assert "--url" in result.stdout.splitlines()[-1]
    assert "Traceback" not in result.stdout


def test_no_server(owner: Owner) -> None:
    """The remedy is told."""
    url = f"http://127.0.0.1:{free_port()}"

    result = owner.make("--url", url)

    assert result.returncode == 1
    assert f"Nothing answers at {url} (" in result.stdout
    assert "Start the server (nox -s serve), or leave out --url" in result.stdout


def test_code_without_types(owner: Owner) -> None:
    """A mistake in src/prediction.py is told in a line."""
    code = owner.project.path / "src" / "prediction.py"
    text = code.read_text("utf-8")
    code.write_text(text.replace("class Service(", "class Services("), "utf-8")
    result = owner.make()
    code.write_text(text, "utf-8")

    assert result.returncode == 1
    last = result.stdout.splitlines()[-1]
    assert last.startswith("src/prediction.py has no types to read: AttributeError: ")
    assert "Traceback" not in result.stdout
