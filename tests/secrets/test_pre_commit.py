"""The hooks of a generated project: they pass when it is fresh, and keep secrets out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.generate.repository import GIT, Repository, own
from tests.project import ROOT, TEMPLATES, generate

# In parts, since this file has to pass such a hook too.
AWS_KEY = "AKIA" + "QZ7RT5HPM3WX4Y2K"
PASSWORD = "pass" + "word = 'hQ8#kz2!vT9x'"

FAULTS = {
    "detect-secrets: a key of AWS": ("notes.md", f"The key is {AWS_KEY}.\n", "AWS Access Key"),
    "detect-secrets: a password": ("src/trainer.py", f"\n{PASSWORD}\n", "Secret Keyword"),
    "hadolint": ("src/container/Dockerfile", "\nRUN cd /tmp && sudo ls\n", "DL3004"),
    "shellcheck": ("src/container/executor.sh", "\necho $name\n", "SC2086"),
    "ruff-check": ("src/trainer.py", "\nimport os\n", "F401"),
    "ruff-format": ("src/trainer.py", "\nNUMBERS = [1,2]\n", "1 file reformatted"),
}


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the hooks are installed, once for all tests."""
    return tmp_path_factory.mktemp("hooks")


@pytest.fixture(scope="module", params=TEMPLATES)
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Return a fresh project in its first commit."""
    path = tmp_path_factory.mktemp("projects") / "model"
    return own(generate(path, template=str(request.param)).path)


def pre_commit(
    project: Repository, hooks: Path, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run pre-commit in a project."""
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments],
        cwd=project.path,
        env={**os.environ, "PRE_COMMIT_HOME": str(hooks), "PRE_COMMIT_COLOR": "never"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=580,
    )


def test_a_fresh_project_passes(project: Repository, hooks: Path) -> None:
    """No false alarm: not of a lock, a payload, a data set; and no file is changed."""
    result = pre_commit(project, hooks, "run", "--all-files")

    assert result.returncode == 0, result.stdout
    assert result.stdout.count("Passed") == 5, result.stdout
    assert project.git("status", "--porcelain") == ""


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused(project: Repository, hooks: Path, fault: str) -> None:
    """Each hook finds what it is for, and tells no secret."""
    name, text, message = FAULTS[fault]
    path = project.path / name
    before = path.read_text("utf-8") if path.exists() else ""
    path.write_text(before + text, "utf-8")
    project.git("add", "--all")
    try:
        result = pre_commit(project, hooks, "run", fault.partition(":")[0])
    finally:
        project.git("reset", "--quiet", "--hard")

    assert result.returncode == 1
    assert message in result.stdout
    assert AWS_KEY not in result.stdout
    assert PASSWORD not in result.stdout


def test_a_commit_is_refused(project: Repository, hooks: Path) -> None:
    """Once installed, `git commit` itself refuses a secret, and takes what has none."""
    assert pre_commit(project, hooks, "install").returncode == 0
    commit = [*GIT, "commit", "--quiet", "--message", "change"]
    environment = {**os.environ, "PRE_COMMIT_HOME": str(hooks)}
    codes = []
    for text in (f"The key is {AWS_KEY}.\n", "No key.\n"):
        (project.path / "notes.md").write_text(text, "utf-8")
        project.git("add", "--all")
        codes.append(
            subprocess.run(
                commit, cwd=project.path, env=environment, capture_output=True
            ).returncode
        )

    assert codes == [1, 0]


def test_versions_are_those_of_the_project() -> None:
    """A hook and a session that use the same tool use the same version of it."""
    shared = ROOT / "templates" / "_shared" / "project"
    config = yaml.safe_load((shared / "pre-commit-config.yaml").read_text("utf-8"))
    pinned = [
        requirement
        for repository in config["repos"]
        for hook in repository["hooks"]
        for requirement in hook["additional_dependencies"]
    ]
    sources = (shared / "requirements-dev.txt", ROOT / "pyproject.toml")
    versions = {
        match[1]: match[2]
        for path in sources
        for match in re.finditer(r"([a-z0-9-]+)==([0-9.]+)", path.read_text("utf-8"))
    }

    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9.]+", requirement) for requirement in pinned)
    assert {
        requirement: versions.get(requirement.partition("==")[0]) for requirement in pinned
    } == {requirement: requirement.partition("==")[2] for requirement in pinned}


def test_no_hook_is_cloned() -> None:
    """All come from the package index, which a company mirrors; none from a git host."""
    path = ROOT / "templates" / "_shared" / "project" / "pre-commit-config.yaml"
    repositories = yaml.safe_load(path.read_text("utf-8"))["repos"]

    assert {repository["repo"] for repository in repositories} == {"local"}
