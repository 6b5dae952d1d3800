"""Projects of each template, changed as an owner changes them, become templates of their own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from extensions.building import Result
from tests.capture.making import capture, written
from tests.client import ask, free_port, wait_until_ready
from tests.generate.repository import Repository, make, own
from tests.project import TEMPLATES, Project

MODULE = '''\
"""Helps to check tumors: Tumor check's own module."""

TUMOR_CHECK = "tumor-check"
'''


@dataclass
class Owned:
    """A project in the hands of its owner, and the templates it was made from."""

    templates: Repository
    project: Repository
    template: str
    result: Result


def change(project: Repository) -> None:
    """Change a project as its owner would: code, settings, image, README, a new file, a mode."""
    dockerfile = project.path / "src/container/Dockerfile"
    image = dockerfile.read_text("utf-8").replace("FROM ", "# Of tumor-check.\nFROM ", 1)
    dockerfile.write_text(image, "utf-8")
    settings = project.path / "mldock.json"
    held = json.loads(settings.read_text("utf-8"))
    held["environment"] = {"TUMOR_CHECK_LEVEL": "1"}
    settings.write_text(json.dumps(held, indent=2) + "\n", "utf-8")
    (project.path / "src/tumor_check.py").write_text(MODULE, "utf-8")
    trainer = project.path / "src/trainer.py"
    code = trainer.read_text("utf-8").replace('"""Yours: how', '"""Tumor check: how', 1)
    trainer.write_text(code, "utf-8")
    readme = project.path / "README.md"
    text = readme.read_text("utf-8")
    readme.write_text(f"{text}\n## Who\n\nThe team of Tumor check.\n", "utf-8")
    (project.path / "tests/contract/client.py").chmod(0o755)
    project.commit()


@pytest.fixture(scope="module", params=TEMPLATES)
def owned(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, snapshot: Repository
) -> Owned:
    """Return a changed project whose capture is committed."""
    folder = tmp_path_factory.mktemp("owned")
    templates = snapshot.clone(folder / "templates")
    made = make(
        templates, folder / "tumor-check", template=request.param, project_name="Tumor check"
    )
    project = own(made.path)
    (made.path / "payload.csv").unlink()
    change(project)
    result = capture(templates, project.path, "seed=0", name="tumors")
    templates.commit()
    return Owned(templates, project, request.param, result)


def test_keeps_what_comes_from_the_parent(owned: Owned) -> None:
    """Unchanged folders are links, unchanged files includes; only the owner's files are copies."""
    sources = written(owned.templates, "tumors")
    links = {path for path, file in sources.items() if file.link is not None}

    place = "{% if 'kubernetes' in deploy %}deploy{% endif %}"
    assert {"src/container/prediction", "src/container/training", place} <= links
    # One of its files is executable now, so the folder is no link any more.
    assert not {"tests", "tests/contract"} & links
    assert sources["tests/contract/client.py.jinja"].executable
    own = {"README.md", "mldock.json", "src/tumor_check.py", "src/trainer.py"}
    assert set(owned.result.data["own"]) == own | {"src/container/Dockerfile"}
    assert "payload.csv" in owned.result.data["removed"]


def test_no_choice_is_lost_in_silence(owned: Owned) -> None:
    """A choice is asked for still, or NAME.yml and the report say that it is fixed."""
    described = yaml.safe_load((owned.templates.path / "templates/tumors.yml").read_text("utf-8"))

    assert described.get("fixed", {}) == owned.result.data["fixed"]
    assert described["family"] == owned.template
    for question in described.get("fixed", {}):
        assert f"{question} is always" in owned.result.text


def test_original_answers_give_the_project(owned: Owned, tmp_path: Path) -> None:
    """`copier copy` with the recorded answers gives what the owner has committed."""
    described = yaml.safe_load((owned.templates.path / "templates/tumors.yml").read_text("utf-8"))
    answers = described["captured"]["answers"]

    project = make(owned.templates, tmp_path / "again", **{**answers, "template": "tumors"})

    wanted = set(owned.project.git("ls-files").splitlines())
    assert project.files() == wanted
    for name in wanted - {".copier-answers.yml"}:
        assert (project.path / name).read_bytes() == (owned.project.path / name).read_bytes(), name


def test_other_name(owned: Owned, tmp_path: Path) -> None:
    """Another project has its own name in code, settings, image and file names."""
    project = make(
        owned.templates, tmp_path / "late", template="tumors", project_name="Late payers"
    ).path

    assert (project / "src/late_payers.py").is_file()
    assert 'LATE_PAYERS = "late-payers"' in (project / "src/late_payers.py").read_text("utf-8")
    settings = json.loads((project / "mldock.json").read_text("utf-8"))
    assert settings["environment"] == {"LATE_PAYERS_LEVEL": "1"}
    assert settings["image_name"] == "late-payers"
    files = [path for path in project.rglob("*.*") if path.is_file() and path.suffix != ".csv"]
    held = [path.read_text("utf-8") for path in files]
    assert not [text for text in held if "tumor-check" in text or "Tumor check" in text]


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory, snapshot: Repository) -> Iterator[Project]:
    """Return a second person's project of a captured template, proven by its own tests."""
    folder = tmp_path_factory.mktemp("second")
    templates = snapshot.clone(folder / "templates")
    made = make(templates, folder / "first", template="generic", project_name="Tumor check")
    first = own(made.path)
    change(first)
    result = capture(templates, first.path, tests=True)
    assert [proof["holds"] for proof in result.data["proofs"]] == [True] * 4
    templates.commit()
    project = make(templates, folder / "irises", template="tumor-check", project_name="Irises")
    yield project
    subprocess.run(["docker", "image", "rm", "--force", "irises"], capture_output=True)


@pytest.mark.parametrize("where", [[], pytest.param(["--docker"], marks=pytest.mark.docker)])
def test_second_person_trains_and_serves(second: Project, where: list[str]) -> None:
    """The six lines of docs/capture.md, on the machine and in the image."""
    if where:
        built = second.nox("build")
        assert built.returncode == 0, built.stdout
    trained = second.nox("train", *where)
    assert trained.returncode == 0, trained.stdout
    port = free_port()
    server = second.start("serve", *where, "--port", str(port))
    try:
        wait_until_ready(f"http://127.0.0.1:{port}", lambda: "the server is not ready")
        payload = (second.path / "payload.json").read_bytes()
        headers = {"Content_Type": "application/json"}
        status, answer = ask(f"http://127.0.0.1:{port}", "/invocations", payload, **headers)
    finally:
        second.nox("stop")
        server.wait(timeout=300)

    assert status == 200
    assert [row["species"] for row in json.loads(answer)] == ["setosa", "versicolor", "virginica"]
