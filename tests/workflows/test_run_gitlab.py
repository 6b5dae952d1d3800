"""The jobs of GitLab CI run in the image that they name, with a real registry."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.engine import engine
from tests.project import Project
from tests.registry.server import Registry
from tests.workflows.gitlab import running
from tests.workflows.jobs import pipeline
from tests.workflows.owner import forget, ready, unique_tag

pytestmark = pytest.mark.docker


def test_from_a_commit_to_production(registry: Registry, image_name: str, tmp_path: Path) -> None:
    """What a job needs it installs; the image that was tested is the one in production."""
    workspace = tmp_path / "iris"
    # The channel must be a folder that the jobs have.
    store = workspace / ".mldock" / "store"
    repository = ready(workspace, "gitlab", image_name, registry, store)
    tag, commit = unique_tag(repository), repository.git("rev-parse", "HEAD").strip()
    content = pipeline(Project(workspace))

    with running(content, workspace, commit, registry, PUSH="true", KPIS="true") as runner:
        runner.run("lint", "before_script")
        runner.run("lint")
        runner.run("test")
        runner.run("build", "before_script")
        assert "passed" in runner.run("build")
        built = engine().images.get(f"{image_name}:latest").id
        assert registry.tags("group/project/tested").keys() == {commit}
        forget(image_name)
        forget("group/project/tested")
        runner.run("push", "before_script")
        runner.run("push")

        tags = registry.tags(f"team/{image_name}")
        assert set(tags) == {tag, "test"}
        assert engine().images.get(f"{image_name}:test").id == built
        assert [path.name for path in store.iterdir()] == [f"{tag}.json"]
        kpis = json.loads((store / f"{tag}.json").read_text("utf-8"))
        assert kpis["metrics"]["accuracy"] > 0.8

        forget(image_name)
        runner.run("release")

    tags = registry.tags(f"team/{image_name}")
    assert set(tags) == {tag, "test", "prod"}
    assert len(set(tags.values())) == 1
    forget("group/project/tested")
