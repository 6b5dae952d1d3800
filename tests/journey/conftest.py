"""A project as its owner has it: committed, with a registry, and its image built once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from docker.errors import APIError

from tests.deploy_kubernetes.conftest import kubectl
from tests.engine import engine
from tests.generate.repository import own
from tests.images import Image, built, name_of
from tests.project import Project, generate
from tests.registry import server
from tests.registry.server import Registry
from tests.registry.shop import Shop

__all__ = ["kubectl"]


@dataclass
class Journey:
    """The image, the project that it was built from, and where it is sent to."""

    image: Image
    shop: Shop
    registry: Registry
    id: str

    @property
    def project(self) -> Project:
        """The project."""
        return self.image.project

    def run(self, session: str, *arguments: str) -> str:
        """Run a session, which succeeds, and return what it prints."""
        code, output = self.shop.run(session, *arguments)
        assert code == 0, output
        return output

    def image_id(self) -> str:
        """Return which image has the local name now."""
        found: str = engine().images.get(self.image.name).id
        return found


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """Build the one image; it is removed at the end, with all names that it was given."""
    folder: Path = tmp_path_factory.mktemp("journey")
    project = generate(folder / name_of("journey"), template="sklearn", deploy="kubernetes")
    repository = own(project.path)
    with server.serving() as registry:
        shop = Shop(project, repository, folder / "docker", project.path.name)
        shop.set(registry=f"{registry.host}/team")
        shop.sign_in(registry)
        with built(project, "sklearn") as image:
            journey = Journey(image, shop, registry, "")
            journey.id = journey.image_id()
            yield journey
            forget(f"{registry.host}/team/{shop.name}")
    # Another registry of this process may run of it.
    with suppress(APIError):
        engine().images.remove(server.IMAGE, force=True)


def forget(repository: str) -> None:
    """Remove what an image is called in a registry."""
    images = engine().images
    for image in images.list(name=repository):
        for tag in image.tags:
            if tag.startswith(f"{repository}:"):
                images.remove(tag)
