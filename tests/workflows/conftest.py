"""What the tests of continuous integration share."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import suppress

import pytest
from docker.errors import APIError

from tests.engine import engine
from tests.project import Project, generate
from tests.registry import server
from tests.registry.server import LABEL, Registry
from tests.workflows.owner import forget

STORAGES = ["local", "s3", "gs", "az"]


@pytest.fixture(scope="session", params=STORAGES)
def storage(request: pytest.FixtureRequest) -> str:
    """Return an answer to the question `storage`."""
    answer: str = request.param
    return answer


@pytest.fixture(scope="session")
def on_github(tmp_path_factory: pytest.TempPathFactory, storage: str) -> Project:
    """Return a project for GitHub Actions."""
    path = tmp_path_factory.mktemp(f"github-{storage}") / "iris"
    return generate(path, template="generic", storage=storage, ci="github")


@pytest.fixture(scope="session")
def on_gitlab(tmp_path_factory: pytest.TempPathFactory, storage: str) -> Project:
    """Return a project for GitLab CI."""
    path = tmp_path_factory.mktemp(f"gitlab-{storage}") / "iris"
    return generate(path, template="generic", storage=storage, ci="gitlab")


@pytest.fixture(scope="package")
def registry() -> Iterator[Registry]:
    """Return a registry with a password; its image is removed at the end."""
    with server.serving() as found:
        yield found
    for image in engine().images.list(all=True, filters={"label": LABEL}):
        # Another registry of this process may run of it.
        with suppress(APIError):
            engine().images.remove(image.id, force=True)


@pytest.fixture
def image_name() -> Iterator[str]:
    """Return a name for an image; all images of that name are removed at the end."""
    name = f"mldock-test-jobs-{uuid.uuid4().hex[:8]}"
    yield name
    forget(name)
