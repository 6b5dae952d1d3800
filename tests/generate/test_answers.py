"""What the answers become: each is in every file that needs it, and these files parse."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nox
import pytest
import yaml
from mldock.project import read_project

from tests.project import Project, generate

DEBIAN = {"3.11": "bookworm", "3.12": "bookworm"}
# Each template, storage and accelerator is in one of them.
ANSWERS = [
    {"template": "pytorch", "storage": "gs", "python_version": "3.13", "accelerator": "cuda"},
    {
        "template": "sklearn",
        "storage": "local",
        "python_version": "3.12",
        "project_name": "My model v1.2",
        "description": "The tumor's kind: Größe & Form, 100 % of it # 日本語 🎉",
    },
    {
        "template": "pytorch",
        "storage": "s3",
        "python_version": "3.14",
        "accelerator": "cpu",
        "project_name": "Z",
        "description": "- 'x' {{ project_name }} {% raw %} [a] & *b | c > d: true",
    },
    {
        "template": "generic",
        "storage": "az",
        "python_version": "3.11",
        "project_name": "a_b-c.d",
        "image_name": "registry.example.com:5000/team/my_model.v2",
        "base_image": f"registry.example.com:5000/python:3.12@sha256:{'0' * 64}",
        "description": "true",
    },
]


@pytest.fixture(scope="module", params=ANSWERS, ids=lambda answers: "-".join(answers.values())[:18])
def answers(request: pytest.FixtureRequest) -> dict[str, str]:
    """Return the answers that the project was made with."""
    chosen: dict[str, str] = request.param
    return chosen


@pytest.fixture(scope="module")
def project(answers: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project made with the answers."""
    return generate(tmp_path_factory.mktemp("projects") / "model", **answers)


def read(project: Project, name: str) -> str:
    """Return the text of a file of the project."""
    return (project.path / name).read_text("utf-8")


def names(requirements: str) -> set[str]:
    """Return the names that a file of requirements asks for."""
    return set(re.findall(r"^([a-z0-9-]+)", requirements, re.MULTILINE))


def test_answers_file_holds_the_answers(project: Project, answers: dict[str, str]) -> None:
    """An update finds each answer as it was given, and where the template is."""
    stored = yaml.safe_load(read(project, ".copier-answers.yml"))

    assert {name: stored[name] for name in answers} == answers
    assert stored["_src_path"]
    assert stored["_commit"]
    # Hidden questions are computed again, so that an update can improve them.
    assert not {"template_index", "bucket"} & set(stored)
    assert ("accelerator" in stored) == (answers["template"] == "pytorch")


def test_mldock_json(project: Project, answers: dict[str, str]) -> None:
    """mldock.json has the image and the Python; only its stage prod uses the chosen storage."""
    content = json.loads(read(project, "mldock.json"))
    assert content["image_name"] == answers.get("image_name", content["image_name"])
    assert content["python_version"] == answers["python_version"]
    # Where each command puts it.
    assert content["$schema"] == "./.venv/mldock.schema.json"

    stages = read_project(project.path / "mldock.json").at_stage
    assert {one.remote for stage in ("dev", "test") for one in stages(stage).data} == {None}
    remotes = [one.remote for one in [*stages("prod").data, *stages("prod").model] if one.remote]
    storage = answers["storage"]
    assert len(remotes) == (0 if storage == "local" else 2)
    assert all(re.match(rf"{storage}://[a-z0-9-]+/(training|model)$", url) for url in remotes)


def test_pyproject(project: Project, answers: dict[str, str]) -> None:
    """Types are checked for the image's Python; only torch on a CPU has builds to choose."""
    tools = nox.project.load_toml(project.path / "pyproject.toml")["tool"]
    for_cpu = answers["template"] == "pytorch" and answers.get("accelerator", "cpu") == "cpu"

    assert tools["mypy"]["python_version"] == answers["python_version"]
    assert tools.get("uv", {}).get("pip") == ({"torch-backend": "cpu"} if for_cpu else None)
    holding = {name for name in project.files() if "TORCH_BACKEND" in read(project, name)}
    assert holding == ({"src/container/Dockerfile"} if for_cpu else set())


def test_dockerfile_and_readme(project: Project, answers: dict[str, str]) -> None:
    """The image is built on the base image, and has its name and its purpose."""
    dockerfile = read(project, "src/container/Dockerfile")
    version = answers["python_version"]
    base = f"python:{version}-slim-{DEBIAN.get(version, 'trixie')}"
    stored = yaml.safe_load(read(project, ".copier-answers.yml"))

    assert f"ARG BASE_IMAGE={answers.get('base_image', base)}\n" in dockerfile
    assert f'image.title="{stored["image_name"]}"' in dockerfile
    assert f'image.description="{stored["description"]}"\n' in dockerfile
    name = answers.get("project_name", project.path.name)
    assert read(project, "README.md").splitlines()[0] == f"# {name}"


def test_every_storage_needs_one_client(project: Project) -> None:
    """The image moves files to and from each store, whatever was answered, without an SDK."""
    locked = names(read(project, "src/requirements.lock"))

    assert "obstore" in locked
    assert not locked & {"boto3", "google-cloud-storage", "azure-storage-blob"}


@pytest.mark.parametrize(
    ("folder", "name", "image"),
    [
        ("Über_uns.v2", "Uber-uns-v2", "uber-uns-v2"),
        ("日本", "my-model", "my-model"),
        ("2026-forecast", "my-model-2026-forecast", "my-model-2026-forecast"),
    ],
)
def test_name_from_the_folder(tmp_path: Path, folder: str, name: str, image: str) -> None:
    """A folder of any name has a project with the defaults."""
    project = generate(tmp_path / folder, template="generic")

    assert read(project, "README.md").startswith(f"# {name}\n")
    assert json.loads(read(project, "mldock.json"))["image_name"] == image


def test_dollar_is_a_dollar(tmp_path: Path) -> None:
    """Docker takes no part of the description for a variable, which may fail the build."""
    description = "Costs $HOME ${HOME} ${ more"
    project = generate(tmp_path / "model", template="generic", description=description)

    found = re.findall(
        r'image\.description="(.*)"$', read(project, "src/container/Dockerfile"), re.M
    )
    assert found == [description.replace("$", r"\$")]
