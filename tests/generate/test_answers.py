"""What the answers become: each is in every file that needs it, and these files parse."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nox
import pytest
import yaml

from container.lifecycle.project import read_project
from tests.project import Project, generate

DEBIAN = {"3.10": "bookworm", "3.11": "bookworm", "3.12": "bookworm"}
CLIENTS = {
    "local": set(),
    "s3": {"boto3"},
    "gs": {"google-cloud-storage"},
    "az": {"azure-identity", "azure-storage-blob"},
}

# Each storage, Python, template and accelerator, and each pair of the first two with the third.
ANSWERS = [
    {"template": "generic", "storage": "local", "python_version": "3.10"},
    {"template": "sklearn", "storage": "s3", "python_version": "3.11"},
    {"template": "pytorch", "storage": "gs", "python_version": "3.12"},
    {"template": "pytorch", "storage": "az", "python_version": "3.13", "accelerator": "cuda"},
    {
        "template": "sklearn",
        "storage": "az",
        "python_version": "3.14",
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
        "storage": "gs",
        "python_version": "3.12",
        "project_name": "a_b-c.d",
        "image_name": "registry.example.com:5000/team/my_model.v2",
        "base_image": f"registry.example.com:5000/python:3.12@sha256:{'0' * 64}",
        "description": "x" * 200,
    },
    {
        "template": "generic",
        "storage": "az",
        "python_version": "3.11",
        "image_name": "localhost/a/b-c",
        "base_image": "mcr.microsoft.com/devcontainers/python:3.11_x.y-z",
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
    """mldock.json is valid by its own schema's model, and has the image and the Python."""
    content = json.loads(read(project, "mldock.json"))
    image = content["image_name"]

    assert image == answers.get("image_name", image)
    assert content["python_version"] == answers["python_version"]
    assert (project.path / content["$schema"]).is_file()
    for stage in ("dev", "test", "prod", None):
        read_project(project.path / "mldock.json").at_stage(stage)


def test_prod_stage_has_the_storage(project: Project, answers: dict[str, str]) -> None:
    """In production, and only there, data and models lie in the storage that was chosen."""
    content = read_project(project.path / "mldock.json")
    storage = answers["storage"]
    remotes = {
        channel.remote for stage in ("dev", "test") for channel in content.at_stage(stage).data
    }
    prod = content.at_stage("prod")
    remote = [channel.remote for channel in [*prod.data, *prod.model] if channel.remote]

    assert remotes == {None}
    assert len(remote) == (0 if storage == "local" else 2)
    assert all(re.match(rf"{storage}://[a-z0-9-]+/(training|model)$", url) for url in remote)


def test_pyproject(project: Project, answers: dict[str, str]) -> None:
    """pyproject.toml parses; mypy checks for the Python of the image."""
    tools = nox.project.load_toml(project.path / "pyproject.toml")["tool"]
    for_cpu = answers["template"] == "pytorch" and answers.get("accelerator", "cpu") == "cpu"

    assert tools["mypy"]["python_version"] == answers["python_version"]
    assert tools.get("uv", {}).get("pip") == ({"torch-backend": "cpu"} if for_cpu else None)
    assert ("skops.*" in tools["mypy"]["overrides"][0]["module"]) == (
        answers["template"] == "sklearn"
    )


def test_dockerfile(project: Project, answers: dict[str, str]) -> None:
    """The image is built on the base image, and says its name and its purpose."""
    dockerfile = read(project, "src/container/Dockerfile")
    version = answers["python_version"]
    base = f"python:{version}-slim-{DEBIAN.get(version, 'trixie')}"
    stored = yaml.safe_load(read(project, ".copier-answers.yml"))

    assert f"ARG BASE_IMAGE={answers.get('base_image', base)}\n" in dockerfile
    assert f'image.title="{stored["image_name"]}"' in dockerfile
    assert f'image.description="{stored["description"]}"\n' in dockerfile


def test_torch_for_the_cpu(project: Project, answers: dict[str, str]) -> None:
    """Only a project with torch on a CPU chooses among torch's builds."""
    for_cpu = answers["template"] == "pytorch" and answers.get("accelerator", "cpu") == "cpu"
    holding = {name for name in project.files() if "TORCH_BACKEND" in read(project, name)}

    assert holding == ({"src/container/Dockerfile"} if for_cpu else set())


def test_clients_of_the_storage(project: Project, answers: dict[str, str]) -> None:
    """The client of an object store is required, and locked, only where it is asked for."""
    clients = set().union(*CLIENTS.values())

    for name in ("src/requirements.txt", "src/requirements.lock"):
        assert names(read(project, name)) & clients == CLIENTS[answers["storage"]], name
    assert not names(read(project, "src/container/requirements.txt")) & clients


def test_readme_has_the_name(project: Project, answers: dict[str, str]) -> None:
    """The project's name is what its README begins with."""
    name = answers.get("project_name", project.path.name)

    assert read(project, "README.md").splitlines()[0] == f"# {name}"


@pytest.mark.parametrize(
    ("folder", "name", "image"),
    [
        ("my model", "my-model", "my-model"),
        ("Über_uns.v2", "ber-uns-v2", "ber-uns-v2"),
        ("日本", "my-model", "my-model"),
        ("2026-forecast", "my-model-2026-forecast", "my-model-2026-forecast"),
    ],
)
def test_name_from_the_folder(tmp_path: Path, folder: str, name: str, image: str) -> None:
    """A folder of any name has a project with the defaults."""
    project = generate(tmp_path / folder, template="generic")

    assert read(project, "README.md").startswith(f"# {name}\n")
    assert json.loads(read(project, "mldock.json"))["image_name"] == image


@pytest.mark.parametrize("description", ["Costs $HOME", "Costs ${HOME}", "Costs ${ more"])
def test_dollar_is_a_dollar(tmp_path: Path, description: str) -> None:
    """Docker takes no part of the description for a variable, which may fail the build."""
    project = generate(tmp_path / "model", template="generic", description=description)

    label = re.findall(
        r'image\.description="(.*)"$', read(project, "src/container/Dockerfile"), re.M
    )
    assert label == [description.replace("$", r"\$")]
