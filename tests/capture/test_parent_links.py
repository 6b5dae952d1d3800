"""Folders that a project has as its parent are links to the parent's."""

from __future__ import annotations

from pathlib import Path

from extensions.inheriting.links import Manner
from extensions.model import File
from extensions.rendering.render import render
from tests.capture.heirs import edited, heir, make_project, render_heir
from tests.generate.repository import Repository

CONTAINER = "src/container"
ASSETS = f"{CONTAINER}/assets.py"


def links(sources: dict[str, File]) -> dict[str, str]:
    """Return the targets of the links."""
    return {path: file.link for path, file in sources.items() if file.link is not None}


def test_untouched(snapshot: Repository) -> None:
    """The largest folders are links, to the shared ones where the parent's are links too."""
    made, answers = make_project(snapshot.path, "generic")

    assert links(heir(snapshot.path, made.files, answers).sources) == {
        "{% if ci == 'github' %}.github{% endif %}": (
            "../generic/{% if ci == 'github' %}.github{% endif %}"
        ),
        ".devcontainer": "../generic/.devcontainer",
        "data": "../generic/data",
        "deploy": "../_shared/deploy",
        "src": "../generic/src",
        "tests": "../generic/tests",
        "tools": "../_shared/tools",
        "wheels": "../_shared/wheels",
    }


def test_changed_file(tmp_path: Path, snapshot: Repository) -> None:
    """The folder of a changed file is a real one; those beside and below it are links."""
    made, answers = make_project(snapshot.path, "generic")
    project = edited(made.files, ASSETS, lambda text: text + "\n# Mine.\n")

    found = heir(snapshot.path, project, answers)

    shared = "../../../_shared/src/container"
    assert links(found.sources) == {
        "{% if ci == 'github' %}.github{% endif %}": (
            "../generic/{% if ci == 'github' %}.github{% endif %}"
        ),
        ".devcontainer": "../generic/.devcontainer",
        "data": "../generic/data",
        "deploy": "../_shared/deploy",
        "src/container/lifecycle": f"{shared}/lifecycle",
        "src/container/prediction": f"{shared}/prediction",
        "src/container/training": f"{shared}/training",
        "tests": "../generic/tests",
        "tools": "../_shared/tools",
        "wheels": "../_shared/wheels",
    }
    assert project.keys() - found.covered.keys() == {ASSETS}
    included = b'{% include "templates/_shared/src/container/executor.sh" -%}\n'
    assert found.sources["src/container/executor.sh.jinja"] == File(included, True)
    assert render_heir(tmp_path, snapshot.path, project, found, answers).files == project


def test_added_file(tmp_path: Path, snapshot: Repository) -> None:
    """A file more in a folder makes a real folder of it, and not of those below it."""
    made, answers = make_project(snapshot.path, "pytorch")
    project = {**made.files, f"{CONTAINER}/lifecycle/storage/own.py": File(b"OWN = 1\n")}

    found = heir(snapshot.path, project, answers)

    assert not {"src", CONTAINER, f"{CONTAINER}/lifecycle"} & links(found.sources).keys()
    assert f"{CONTAINER}/prediction" in links(found.sources)
    assert found.covered[f"{CONTAINER}/lifecycle/aws.py"] is Manner.KEPT_INCLUDE
    assert render_heir(tmp_path, snapshot.path, project, found, answers).files == project


def test_improvements_arrive(tmp_path: Path, snapshot: Repository) -> None:
    """What changes in a linked folder or in an included file changes in the heir."""
    made, answers = make_project(snapshot.path, "generic")
    project = edited(made.files, ASSETS, lambda text: text + "\n# Mine.\n")
    found = heir(snapshot.path, project, answers)
    render_heir(tmp_path, snapshot.path, project, found, answers)
    shared = tmp_path / "templates/_shared/src/container"
    for name in ("executor.sh", "lifecycle/aws.py"):
        (shared / name).write_text("IMPROVED = 1\n")

    files = render(tmp_path, {**answers, "template": "heir"}).files

    assert files[f"{CONTAINER}/executor.sh"] == File(b"IMPROVED = 1\n", True)
    assert files[f"{CONTAINER}/lifecycle/aws.py"].content == b"IMPROVED = 1\n"


def test_what_jinja_would_change_is_copied(tmp_path: Path, snapshot: Repository) -> None:
    """A file with braces, other ends of line or no text at all is no include."""
    repository = snapshot.clone(tmp_path / "templates")
    contents = {"b.json": b'{{"a": 1}}\n', "crlf.txt": b"a\r\nb\r\n", "model.bin": b"\xff\0"}
    folder = repository.path / "templates/generic/odd"
    folder.mkdir()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    (folder / "b.json").chmod(0o755)
    made, answers = make_project(repository.path, "generic")
    project = {**made.files, "odd/own.txt": File(b"mine\n")}

    found = heir(repository.path, project, answers)

    for name, content in contents.items():
        assert found.covered[f"odd/{name}"] is Manner.KEPT_COPY
        assert found.sources[f"odd/{name}"] == File(content, name == "b.json")
    heirs = tmp_path / "heir"
    heirs.mkdir()
    assert render_heir(heirs, repository.path, project, found, answers).files == project


def test_name_that_looks_like_a_source(tmp_path: Path, snapshot: Repository) -> None:
    """Beside the owner's `a.jinja` a plain `a` of the parent stays plain."""
    made, answers = make_project(snapshot.path, "generic")
    project = {**made.files, "payload.csv.jinja": File(b"mine\n")}

    found = heir(snapshot.path, project, answers)

    assert found.covered["payload.csv"] is Manner.KEPT_COPY
    assert render_heir(tmp_path, snapshot.path, project, found, answers).files == project


def test_other_answers_bring_their_files(tmp_path: Path, snapshot: Repository) -> None:
    """A file that the project's answers leave out comes with others, in a real folder too."""
    made, answers = make_project(snapshot.path, "sklearn", compile_model=False)
    project = {**made.files, "src/own.py": File(b"OWN = 1\n")}

    found = heir(snapshot.path, project, answers)

    assert render_heir(tmp_path, snapshot.path, project, found, answers).files == project
    other = render(tmp_path, {**answers, "template": "heir", "compile_model": True}).files
    wanted, _ = make_project(snapshot.path, "sklearn")
    assert other == {**wanted.files, "src/own.py": File(b"OWN = 1\n")}


def test_own_file_in_place_of_one_that_is_left_out(tmp_path: Path, snapshot: Repository) -> None:
    """The owner's own file of that name stays; no answer may bring the other."""
    made, answers = make_project(snapshot.path, "sklearn", compile_model=False)
    project = {**made.files, "src/compiled.py": File(b"OWN = 1\n")}

    found = heir(snapshot.path, project, answers)

    assert found.fixed == {"compile_model": False}
    again = render_heir(tmp_path, snapshot.path, project, found, answers)
    assert again.files == project
    assert "compile_model" not in again.asked
