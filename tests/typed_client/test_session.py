"""The session `client`: what it replaces, and models of other shapes."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.mldock.serving import serve, wait_until_ready
from tests.mldock.workspace import Workspace
from tests.page.conftest import MODELS
from tests.project import generate
from tests.typed_client.endpoint import NAME, REGION, Endpoint
from tests.typed_client.making import Owner

HOUSE = {
    "area": 84.5,
    "rooms": 4,
    "district": "42",
    "place": {"latitude": 52.5, "longitude": 13.4},
    "asked": [1, 2, 3],
    "built": "1999-12-31",
}


def test_second_time_keeps_what_is_the_owners(owner: Owner) -> None:
    """The client is generated again, in the version of the project; the application stays."""
    application, models = owner.folder / "application.py", owner.folder / "iris_client" / "models"
    before = application.read_text("utf-8")
    # In a form that a formatter would change.
    application.write_text("x = { 'mine' : 1 }\n", "utf-8")
    (models / "left.py").touch()
    (models / "flower.py").unlink()
    settings = owner.project.path / "mldock.json"
    content = json.loads(settings.read_text("utf-8"))
    settings.write_text(json.dumps({**content, "version": "1.2.3-summer"}), "utf-8")

    result = owner.generate()

    assert result.returncode == 0, result.stdout
    assert "client/application.py is yours and stays as it is." in result.stdout
    assert application.read_text("utf-8") == "x = { 'mine' : 1 }\n"
    assert (models / "flower.py").is_file()
    assert not (models / "left.py").exists()
    assert 'version = "1.2.3"' in (owner.folder / "pyproject.toml").read_text("utf-8")
    application.write_text(before, "utf-8")


def test_code_without_types(owner: Owner) -> None:
    """A mistake in src/prediction.py is reported in a line."""
    code = owner.project.path / "src" / "prediction.py"
    text = code.read_text("utf-8")
    code.write_text(text.replace("class Service(", "class Services("), "utf-8")
    result = owner.generate()
    code.write_text(text, "utf-8")

    assert result.returncode == 1
    assert result.stdout.startswith("src/prediction.py has no types to read: AttributeError: ")
    assert "Traceback" not in result.stdout


@contextmanager
def asking(folder: Path, python: Path, prediction: str) -> Iterator[tuple[Owner, str]]:
    """Serve a model; yield the owner of a client of it, and the address."""
    workspace = Workspace(folder / "server")
    workspace.write("src/prediction.py", prediction)
    (workspace.base_dir / "model").mkdir()
    server = serve(workspace)
    try:
        # A package has no name that begins with a digit.
        project = generate(folder / "shapes", template="generic", image_name="team/7-shapes")
        owner = Owner(project, python)
        (owner.project.path / "src" / "prediction.py").write_text(prediction, "utf-8")
        result = owner.generate()
        assert result.returncode == 0, result.stdout
        # What the generator cannot express it reports as a warning.
        assert "arning" not in result.stdout
        assert owner.check_types().startswith("Success")
        assert (owner.folder / "client_7_shapes").is_dir()
        yield owner, wait_until_ready(server).address
    finally:
        workspace.end()


def test_objects_in_rows(tmp_path: Path, python: Path) -> None:
    """Texts, objects, lists and choices keep their types; class names are those of Python."""
    rows = tmp_path / "houses.json"
    rows.write_text(json.dumps([HOUSE]), "utf-8")
    model = (MODELS / "house.py").read_text("utf-8").replace("House", "Old_house")
    with asking(tmp_path, python, model) as (owner, url):
        answer = ast.literal_eval(owner.ask(str(rows), "--url", url))
        assert (answer["price"], answer["district"]) == (84500, "42")
        assert answer["classes"] == {"cheap": 0.07, "fair": 0.81, "dear": 0.12}
        assert "OldHouse.from_dict" in (owner.folder / "application.py").read_text("utf-8")

        rows.write_text(json.dumps([{**HOUSE, "kind": "castle"}]), "utf-8")
        assert "Unexpected value 'castle'" in owner.refused(str(rows))


def test_answers_in_parts(tmp_path: Path, python: Path) -> None:
    """Each row is a question, each part a line; a failure after the first part is reported."""
    rows = tmp_path / "texts.json"
    rows.write_text('[{"text": "once"}, {"text": "12"}]', "utf-8")
    with asking(tmp_path, python, (MODELS / "story.py").read_text("utf-8")) as (owner, url):
        printed = owner.ask(str(rows), "--url", url)
        words = [ast.literal_eval(line) for line in printed.splitlines()]
        assert words == [{"word": word} for word in ("once", "end", "12", "end")]
        endpoint = Endpoint(url)
        ask = [str(rows), "--endpoint", NAME, "--region", REGION]
        assert owner.ask(*ask, **endpoint.variables) == printed
        endpoint.stop()

        rows.write_text('[{"text": "badly"}]', "utf-8")
        result = owner.application(str(rows), "--url", url)
        assert result.returncode == 1
        part, failure = result.stdout.splitlines()
        assert part == "{'word': 'badly'}"
        assert failure.startswith("The model failed: Arith")
