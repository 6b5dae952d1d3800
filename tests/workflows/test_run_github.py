"""The jobs of GitHub Actions run, from a commit to production, with a real registry."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.engine import engine
from tests.project import Project
from tests.registry.server import USER, Registry
from tests.workflows.github import Machine
from tests.workflows.jobs import Event, workflow
from tests.workflows.owner import forget, ready, unique_tag

pytestmark = pytest.mark.docker


def test_from_a_commit_to_production(registry: Registry, image_name: str, tmp_path: Path) -> None:
    """The image that was tested is the one that runs in production, and the KPIs are kept."""
    store = tmp_path / "kpis"
    repository = ready(tmp_path / "iris", "github", image_name, registry, store)
    project, tag = Project(repository.path), unique_tag(repository)
    event = Event("refs/heads/main", "branch", "push", {"PUSH": "true", "KPIS": "true"})
    # The registry of the test is not GitHub's.
    machine = Machine(repository, event, tmp_path, skipped=("Sign in",))
    jobs = workflow(project, "project")["jobs"]

    for name in ("lint", "test", "build"):
        machine.run(name, jobs[name])
    built = engine().images.get(f"{image_name}:latest").id
    forget(image_name)
    sign_in(machine, registry)
    machine.run("push", jobs["push"])

    tags = registry.tags(f"team/{image_name}")
    assert set(tags) == {tag, "test"}
    assert engine().images.get(f"{image_name}:test").id == built
    assert [path.name for path in store.iterdir()] == [f"{tag}.json"]
    kpis = json.loads((store / f"{tag}.json").read_text("utf-8"))
    assert kpis["metrics"]["accuracy"] > 0.8
    assert kpis["coverage"]["unit"] > 50

    forget(image_name)
    machine.run("release", workflow(project, "release")["jobs"]["release"])

    tags = registry.tags(f"team/{image_name}")
    assert set(tags) == {tag, "test", "prod"}
    assert len(set(tags.values())) == 1
    assert "build: Test the image" in machine.ran


def sign_in(machine: Machine, registry: Registry) -> None:
    """Sign in to the registry of the test."""
    subprocess.run(
        ["docker", "login", "--username", USER, "--password-stdin", registry.host],
        input=registry.password,
        env={"HOME": str(machine.home), "PATH": "/usr/local/bin:/usr/bin:/bin"},
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
    )
