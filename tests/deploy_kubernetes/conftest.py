"""What the tests of Kubernetes share: kubectl, projects, and what they render."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.deploy_kubernetes.kubectl import is_new, provide
from tests.deploy_kubernetes.projects import CASES, Deployed, make
from tests.deploy_kubernetes.recorder import Recorder
from tests.engine import engine_answers

Projects = Callable[[str, str], Deployed]


@pytest.fixture(scope="session", autouse=True)
def kubectl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Put a kubectl that knows kustomize 5 on PATH."""
    folder = tmp_path_factory.mktemp("kubectl")
    if not (os.environ.get("CI") or is_new(shutil.which("kubectl")) or engine_answers()):
        pytest.skip("there is no kubectl with kustomize 5, and no Docker engine to run one in")
    images = provide(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(folder), prepend=":")
        yield folder / "kubectl"
    for image in images:
        subprocess.run(["docker", "image", "rm", "--force", image], capture_output=True)


@pytest.fixture(scope="session")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Projects:
    """Return a function that makes a project of a template and a storage once."""

    @cache
    def once(template: str, storage: str) -> Deployed:
        return make(tmp_path_factory.mktemp(f"{template}-{storage}"), template, storage)

    return once


@pytest.fixture(scope="session", params=CASES, ids="-".join)
def project(request: pytest.FixtureRequest, projects: Projects) -> Deployed:
    """Return a project of each template and storage."""
    return projects(*request.param)


@pytest.fixture(scope="session")
def made(projects: Projects) -> Deployed:
    """Return one project; who changes it takes a copy."""
    return projects("sklearn", "s3")


@pytest.fixture
def own(made: Deployed, tmp_path: Path) -> Deployed:
    """Return a project that a test may change, and that knows a cluster."""
    project = made.copy(tmp_path / "project")
    project.settle({"kubernetes": {"context": "harbour", "namespace": "models"}})
    return project


@pytest.fixture
def recorder(kubectl: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    """Put a kubectl on PATH that notes how it is called; no call may leave the stage's cluster."""
    folder = tmp_path / "recorder"
    folder.mkdir()
    recorder = Recorder(folder)
    recorder.install(kubectl)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    yield recorder
    assert recorder.places() <= {("--context=harbour", "--namespace=models")}
    recorder.check(kubectl)
