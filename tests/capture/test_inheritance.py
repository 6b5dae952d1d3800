"""What a template keeps of its project's parent, and which choices it cannot offer any more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from extensions.inheritance import Origin
from extensions.model import CaptureError, File
from extensions.parent import CHOICES
from extensions.rendering import render
from tests.capture.heirs import edited, heir, make_project, render_heir
from tests.capture.trees import READY, as_tree
from tests.generate.repository import Repository
from tests.project import ROOT, TEMPLATES

README = "README.md"
CONTAINER = "src/container"
ASSETS = f"{CONTAINER}/assets.py"
REQUIREMENTS = f"{CONTAINER}/requirements.txt"


@pytest.mark.parametrize("template", TEMPLATES)
def test_untouched(tmp_path: Path, snapshot: Repository, template: str) -> None:
    """All of a project that nobody has changed is inherited, and any answer can be given."""
    made, answers = make_project(snapshot.path, template, storage="s3")

    found = heir(snapshot.path, made.files, answers)

    kept = found.inheritance
    assert kept.origins.keys() == made.files.keys()
    assert Origin.COPY not in kept.origins.values()
    assert (kept.fixed, kept.deleted, kept.family) == ({}, [], template)
    again = render_heir(tmp_path, snapshot.path, found, answers)
    assert again.files == made.files
    assert again.asked == made.asked
    other = {"storage": "gs", "python_version": "3.11", "base_image": "debian:12"}
    wanted, changed = make_project(snapshot.path, template, **other)
    assert render(tmp_path, {**changed, "template": "heir"}).files == wanted.files


def test_changed_file(tmp_path: Path, snapshot: Repository) -> None:
    """A changed file is the template's own; all others are includes."""
    made, answers = make_project(snapshot.path, "generic")
    project = edited(made.files, ASSETS, lambda text: text + "\n# Mine.\n")

    found = heir(snapshot.path, project, answers)

    assert set(found.own) == {ASSETS}
    assert found.inheritance.fixed == {}
    included = b'{% include "templates/_shared/src/container/executor.sh" -%}\n'
    assert found.sources["src/container/executor.sh.jinja"] == File(included, True)
    assert render_heir(tmp_path, snapshot.path, found, answers).files == project


def test_runtime(tmp_path: Path, snapshot: Repository) -> None:
    """In a file that the owner has changed, the runtime is still that of each new project."""
    made, answers = make_project(snapshot.path, "generic")
    project = edited(made.files, REQUIREMENTS, lambda text: text + "mine==1\n")

    found = heir(snapshot.path, project, answers)

    source = found.sources[f"{REQUIREMENTS}.jinja"].text or ""
    assert source.endswith("\n{{ runtime }}\nmine==1\n")
    assert render_heir(tmp_path, snapshot.path, found, answers).files == project
    other = {**answers, "template": "heir", "runtime": "mldock-runtime==1.2"}
    assert b"\nmldock-runtime==1.2\nmine" in render(tmp_path, other).files[REQUIREMENTS].content


def test_improvements_arrive(tmp_path: Path, snapshot: Repository) -> None:
    """What changes in an included file changes in the heir."""
    made, answers = make_project(snapshot.path, "generic")
    project = edited(made.files, ASSETS, lambda text: text + "\n# Mine.\n")
    render_heir(tmp_path, snapshot.path, heir(snapshot.path, project, answers), answers)
    shared = tmp_path / "templates/_shared/src/container"
    (shared / "executor.sh").write_text("IMPROVED = 1\n")

    files = render(tmp_path, {**answers, "template": "heir"}).files

    assert files[f"{CONTAINER}/executor.sh"] == File(b"IMPROVED = 1\n", True)


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
    # Beside the owner's `a.jinja` a plain `a` of the parent stays plain.
    own = {"odd/own.txt": File(b"mine\n"), "payload.csv.jinja": File(b"mine\n")}
    project = {**made.files, **own}

    found = heir(repository.path, project, answers)

    assert found.inheritance.origins["payload.csv"] is Origin.COPY
    for name, content in contents.items():
        assert found.inheritance.origins[f"odd/{name}"] is Origin.COPY
        assert found.sources[f"odd/{name}"] == File(content, name == "b.json")
    assert render_heir(tmp_path / "heir", repository.path, found, answers).files == project


def test_modes(tmp_path: Path, snapshot: Repository) -> None:
    """A file stays executable, or becomes it, however it is kept."""
    made, answers = make_project(snapshot.path, "generic")
    project = {**made.files, "noxfile.py": File(made.files["noxfile.py"].content, True)}

    found = heir(snapshot.path, project, answers)

    assert found.inheritance.origins["src/container/executor.sh"] is Origin.INCLUDE
    assert found.inheritance.origins["noxfile.py"] is Origin.INCLUDE
    assert render_heir(tmp_path, snapshot.path, found, answers).files == project


def test_other_answers_bring_their_files(tmp_path: Path, snapshot: Repository) -> None:
    """A file that the project's answers leave out comes with other answers."""
    made, answers = make_project(snapshot.path, "sklearn", ci="none")
    project = {**made.files, "src/own.py": File(b"OWN = 1\n")}

    found = heir(snapshot.path, project, answers)

    assert render_heir(tmp_path, snapshot.path, found, answers).files == project
    other = render(tmp_path, {**answers, "template": "heir", "ci": "gitlab"}).files
    wanted, _ = make_project(snapshot.path, "sklearn", ci="gitlab", runtime=answers["runtime"])
    assert other == {**wanted.files, "src/own.py": File(b"OWN = 1\n")}


def test_own_file_in_place_of_one_that_is_left_out(tmp_path: Path, snapshot: Repository) -> None:
    """The owner's own file of that name stays; no answer may bring the other."""
    made, answers = make_project(snapshot.path, "sklearn", ci="none")
    project = {**made.files, ".gitlab-ci.yml": File(b"own: {}\n")}

    found = heir(snapshot.path, project, answers)

    assert found.inheritance.fixed == {"ci": "none"}
    again = render_heir(tmp_path, snapshot.path, found, answers)
    assert again.files == project
    assert "ci" not in again.asked


def test_list_of_choices() -> None:
    """The choices are the questions that are not asked where they are fixed."""
    names = ("generic", "pytorch", "sklearn")
    paths = [ROOT / "copier.yml", *(ROOT / f"templates/_questions/{name}.yml" for name in names)]
    texts = [path.read_text("utf-8") for path in paths if path.is_file()]

    assert {name for text in texts for name in re.findall(r"'(\w+)' not in fixed", text)} == set(
        CHOICES
    )


def test_changed_file_fixes_choices(tmp_path: Path, snapshot: Repository) -> None:
    """Settings that were written for one storage and one Python are right for no other."""
    made, answers = make_project(snapshot.path, "sklearn", storage="s3")
    old, new = '"n_estimators": 100', '"n_estimators": 7'
    project = edited(made.files, "mldock.json", lambda text: text.replace(old, new))

    found = heir(snapshot.path, project, answers)

    assert set(found.own) == {"mldock.json"}
    assert found.inheritance.fixed == {"python_version": "3.13", "storage": "s3"}
    assert "mldock.json" in found.inheritance.reasons["storage"]
    again = render_heir(tmp_path, snapshot.path, found, answers)
    assert again.files == project
    assert made.asked - again.asked == {"python_version", "storage"}
    asked = {name: value for name, value in answers.items() if name not in found.inheritance.fixed}
    assert render(tmp_path, {**asked, "template": "heir"}).files == project
    # What depends on other choices follows them still.
    other = render(tmp_path, {**asked, "template": "heir", "compile_model": False}).files
    assert "onnx" not in (other["src/requirements.txt"].text or "")
    with pytest.raises(CaptureError, match="'storage': In this template it is s3"):
        render(tmp_path, {**asked, "template": "heir", "storage": "gs"})


def test_changed_manifest_fixes_the_place(tmp_path: Path, snapshot: Repository) -> None:
    """Whoever has set up a cluster has a template for Kubernetes; the rest of it is inherited."""
    made, answers = make_project(snapshot.path, "generic", deploy="kubernetes", storage="s3")
    path = "deploy/kubernetes/overlays/prod/serve/kustomization.yaml"
    project = edited(made.files, path, lambda text: text.replace("value: 10", "value: 4"))

    found = heir(snapshot.path, project, answers)

    assert path in found.own
    assert found.inheritance.fixed["deploy"] == "kubernetes"
    assert path in found.inheritance.reasons["deploy"]
    again = render_heir(tmp_path, snapshot.path, found, answers)
    assert "deploy" not in again.asked
    changed = {name for name, file in again.files.items() if file != project[name]}
    # Its line names the folder that it was made from.
    assert changed <= {"src/container/requirements.txt"}
    with pytest.raises(CaptureError, match="'deploy': In this template it is kubernetes"):
        render(tmp_path, {**answers, "template": "heir", "deploy": "docker"})


def test_rewritten_prose(tmp_path: Path, snapshot: Repository) -> None:
    """The owner's README replaces the parent's, and takes no choice away."""
    made, answers = make_project(snapshot.path, "sklearn")
    project = {**made.files, README: File(b"# Zebra-Crossing\n\nOnly mine.\n")}

    found = heir(snapshot.path, project, answers)

    assert set(found.own) == {README}
    assert found.inheritance.fixed == {}
    assert render_heir(tmp_path, snapshot.path, found, answers).files == project


def test_base_image(tmp_path: Path, snapshot: Repository) -> None:
    """A changed Dockerfile is right for its image only, unless it still names the answer."""
    made, answers = make_project(snapshot.path, "generic")
    named, given = make_project(snapshot.path, "generic", base_image="registry.example/python:1")

    def change(text: str) -> str:
        return text + "# Mine.\n"

    path = "src/container/Dockerfile"
    own = heir(snapshot.path, edited(made.files, path, change), answers)
    still = heir(snapshot.path, edited(named.files, path, change), given)

    assert own.inheritance.fixed == {
        "python_version": "3.13",
        "base_image": made.answers["base_image"],
    }
    assert still.inheritance.fixed == {}
    assert b"BASE_IMAGE={{ base_image }}" in still.sources[f"{path}.jinja"].content
    again = render_heir(tmp_path, snapshot.path, own, answers)
    assert again.files[path].content.endswith(b"# Mine.\n")
    assert again.answers["base_image"] == made.answers["base_image"]


def test_forced(tmp_path: Path, snapshot: Repository) -> None:
    """A choice can be fixed by its owner, but only one that there is."""
    made, answers = make_project(snapshot.path, "pytorch", accelerator="cuda")

    found = heir(snapshot.path, made.files, answers, "accelerator", "storage")

    assert found.inheritance.fixed == {"storage": "local", "accelerator": "cuda"}
    again = render_heir(tmp_path, snapshot.path, found, answers)
    assert again.files == made.files
    assert again.answers["accelerator"] == "cuda"
    with pytest.raises(CaptureError, match="--fix compile_model: name one of python_version, "):
        heir(snapshot.path, made.files, answers, "compile_model")


def test_deleted(tmp_path: Path, snapshot: Repository) -> None:
    """What the owner deleted comes back with no answer; what is left follows the choices."""
    made, answers = make_project(snapshot.path, "sklearn")
    project = {
        path: file
        for path, file in made.files.items()
        if path != "payload.csv" and not path.startswith(".github/")
    }

    found = heir(snapshot.path, project, answers)

    assert set(found.inheritance.deleted) == made.files.keys() - project.keys()
    # No file is left that depends on it; storage is in mldock.json too.
    assert found.inheritance.fixed == {"ci": "github"}
    assert "deleted" in found.inheritance.reasons["ci"]
    assert render_heir(tmp_path, snapshot.path, found, answers).files == project
    other = render(tmp_path, {**answers, "template": "heir", "storage": "gs"}).files
    assert other.keys() == project.keys()
    assert b"gs://" in other["mldock.json"].content


def test_name_that_is_a_common_word(snapshot: Repository) -> None:
    """In a changed file the lines of the parent say where the name is meant; others are asked."""
    made, answers = make_project(snapshot.path, "generic", project_name="model")
    project = edited(made.files, README, lambda text: text + "\nNobody's line.\n")

    found = heir(snapshot.path, project, answers)

    source = (found.sources["README.md.jinja"].text or "").split("\n")
    assert source[0] == "# {{ project_name }}"
    assert any(" model" in line for line in source)
    project = edited(project, README, lambda text: text.replace("Nobody's", "The model's"))
    with pytest.raises(CaptureError, match=r"project_name is 'model'.*\(1\):"):
        heir(snapshot.path, project, answers)


def test_variables_of_the_parent(snapshot: Repository) -> None:
    """In a changed file the parent's own lines keep the variables that they have in its source."""
    made, answers = make_project(snapshot.path, "sklearn", storage="s3")
    project = edited(made.files, "mldock.json", lambda text: text.replace("100", "7"))

    found = heir(snapshot.path, project, answers)

    source = found.sources["mldock.json.jinja"].text or ""
    assert '"image_name": "{{ image_name }}"' in source
    assert '"remote": "s3://{{ bucket }}/training"' in source


def test_of_a_captured_parent(tmp_path: Path, snapshot: Repository) -> None:
    """A template of a project of a captured template goes back to the same family."""
    made, answers = make_project(snapshot.path, "pytorch", accelerator="cuda")
    project = {**made.files, "src/requirements.lock": File(b"torch==2.13.0\n")}
    first = heir(snapshot.path, project, answers)
    assert first.inheritance.fixed["accelerator"] == "cuda"
    made = render_heir(tmp_path, snapshot.path, first, answers)
    answers = {name: made.answers[name] for name in (*made.asked, "runtime")}
    project = edited(made.files, "src/trainer.py", lambda text: text + "# Mine.\n")

    second = heir(tmp_path, project, answers, name="second")

    assert (second.inheritance.parent, second.inheritance.family) == ("heir", "pytorch")
    assert second.inheritance.fixed == first.inheritance.fixed
    again = render_heir(tmp_path / "second", tmp_path, second, answers)
    assert again.files == project


def test_unknown_parent(snapshot: Repository) -> None:
    """A project of another repository's template inherits nothing, and the report says so."""
    answers = {"template": "elsewhere", "project_name": "Zebra-Crossing"}

    found = heir(snapshot.path, as_tree(READY), answers).inheritance

    assert (found.parent, found.sources, found.origins) == ("", {}, {})
    assert "'elsewhere' is not in this repository" in found.notes[0]


def test_behind(tmp_path: Path, snapshot: Repository) -> None:
    """A project of older templates is refused, unless that made no difference to it."""
    repository = snapshot.clone(tmp_path / "templates")
    commit = repository.git("rev-parse", "--short", "HEAD").strip()
    made, answers = make_project(repository.path, "generic")
    answers = {**answers, "_commit": commit}
    (repository.path / "templates/sklearn/src/prediction.py").write_text("NEW = 1\n")
    repository.commit()

    assert heir(repository.path, made.files, answers).inheritance.notes == []
    (repository.path / "templates/_shared/src/container/executor.sh").write_text("NEW = 1\n")
    with pytest.raises(CaptureError, match=f"1 of its files .* since {commit}.*copier update"):
        heir(repository.path, made.files, answers)


@pytest.mark.parametrize("commit", ["0123abc", "--help", None])
def test_unknown_commit(snapshot: Repository, commit: str | None) -> None:
    """Where the sources of a project are unknown, the report says so."""
    made, answers = make_project(snapshot.path, "generic")
    given = {**answers, "_commit": commit} if commit else answers

    found = heir(snapshot.path, made.files, given).inheritance

    assert found.origins.keys() == made.files.keys()
    assert f"made from {commit or 'no commit'}, which is unknown here" in found.notes[0]
