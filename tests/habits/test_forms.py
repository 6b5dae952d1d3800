"""Files that other programs read: GitHub, pre-commit, editors in containers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.project import ROOT, Project, generate

BIN = Path(sys.executable).parent

SCHEMAS = {
    "github-issue-forms": [".github/ISSUE_TEMPLATE/bug.yml", ".github/ISSUE_TEMPLATE/idea.yml"],
    "github-issue-config": [".github/ISSUE_TEMPLATE/config.yml"],
    "citation-file-format": ["CITATION.cff"],
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project that differs from the defaults."""
    path = tmp_path_factory.mktemp("projects") / "model"
    return generate(path, template="generic", python_version="3.12", project_name="Iris House")


def run(*command: str | Path) -> None:
    """Run a checker, which finds nothing."""
    result = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=360
    )
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("schema", SCHEMAS)
def test_schema(schema: str) -> None:
    """GitHub and those who cite know each key."""
    run(BIN / "check-jsonschema", "--builtin-schema", f"vendor.{schema}", *SCHEMAS[schema])


def test_every_form_is_checked() -> None:
    """A form that is added gets a schema."""
    forms = {path.relative_to(ROOT).as_posix() for path in ROOT.glob(".github/ISSUE_TEMPLATE/*")}

    assert forms == {*SCHEMAS["github-issue-forms"], *SCHEMAS["github-issue-config"]}


def test_dependabot(project: Project) -> None:
    """It waits before it takes a new version; in a project it leaves packages to `nox -s lock`."""
    files = [folder / ".github/dependabot.yml" for folder in (ROOT, project.path)]
    run(BIN / "check-jsonschema", "--builtin-schema", "vendor.dependabot", *files)
    run(BIN / "zizmor", "--offline", "--no-config", "--persona", "auditor", *files)

    updates = yaml.safe_load(files[1].read_text("utf-8"))["updates"]
    assert [update["package-ecosystem"] for update in updates] == ["github-actions"]


def test_devcontainers(project: Project) -> None:
    """Both bring Python, nox and a Docker engine; a project's speaks of the project."""
    owned, ours = (read(path) for path in (project.path, ROOT))

    assert owned["name"] == "Iris House"
    assert owned["image"].endswith("/python:3.12")
    assert owned["forwardPorts"] == [8080]
    for content in (owned, ours):
        assert content["postCreateCommand"] == "pipx install nox"
        assert any("/docker-in-docker:" in feature for feature in content["features"])


def read(folder: Path) -> dict[str, Any]:
    """Return the description of a development container."""
    content: dict[str, Any] = json.loads(
        (folder / ".devcontainer/devcontainer.json").read_text("utf-8")
    )
    return content


def test_hooks_are_those_of_lint() -> None:
    """The hooks of this repository have the versions and the files of `nox -s lint`."""
    run(BIN / "pre-commit", "validate-config", ".pre-commit-config.yaml")
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    hooks = {hook["id"]: hook for repository in config["repos"] for hook in repository["hooks"]}
    pins = set(re.findall(r'"([a-z-]+==[\d.]+)"', (ROOT / "pyproject.toml").read_text("utf-8")))
    noxfile = (ROOT / "noxfile.py").read_text("utf-8")
    checked = re.search(r'session\.run\("shellcheck", (.*)\)', noxfile)

    assert {pin for hook in hooks.values() for pin in hook["additional_dependencies"]} <= pins
    assert checked
    for name in re.findall(r'"([^"]+)"', checked[1]):
        assert re.search(hooks["shellcheck"]["files"], name)
