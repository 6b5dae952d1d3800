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

# Where it runs and where its data are: each storage, and each place with one that differs.
PLACES = [
    ("docker", "local"),
    ("docker", "gs"),
    ("kubernetes", "local"),
    ("kubernetes", "gs"),
    ("kubernetes", "az"),
    ("sagemaker", "s3"),
    ("kubernetes-and-sagemaker", "s3"),
]


@pytest.fixture(scope="session", params=PLACES, ids="-".join)
def place(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Return the answers to the questions `deploy` and `storage`."""
    answers: tuple[str, str] = request.param
    return answers


@pytest.fixture(scope="session")
def on_github(tmp_path_factory: pytest.TempPathFactory, place: tuple[str, str]) -> Project:
    """Return a project for GitHub Actions."""
    return make(tmp_path_factory, place, "github")


@pytest.fixture(scope="session")
def on_gitlab(tmp_path_factory: pytest.TempPathFactory, place: tuple[str, str]) -> Project:
    """Return a project for GitLab CI."""
    return make(tmp_path_factory, place, "gitlab")


def make(factory: pytest.TempPathFactory, place: tuple[str, str], ci: str) -> Project:
    """Make a project."""
    deploy, storage = place
    path = factory.mktemp(f"{ci}-{deploy}-{storage}") / "iris"
    return generate(path, template="generic", deploy=deploy, storage=storage, ci=ci)


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
