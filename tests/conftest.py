"""What the tests of several folders share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from scripts import torch_wheel
from tests.engine import engine_answers
from tests.images import Image, built, name_of
from tests.project import TEMPLATES, generate_for_torch
from tests.shared import SHARED

# The same examples at each run, and no failure because a machine is busy.
settings.register_profile("house", derandomize=True, deadline=None, database=None)
settings.load_profile("house")

# Some machines set it. Each of the many programs would compile all that it imports, at twice the
# time of the tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# The folders of the longest files: one of those that began last would run on alone.
FIRST = ("journey", "workflows", "docs", "sagemaker", "distributed", "container", "update")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files; without an engine skip those of Docker, which fail in CI."""
    folders = {item: item.path.relative_to(item.config.rootpath).parts[1] for item in items}
    items.sort(key=lambda item: folders[item] not in FIRST)
    marked = [item for item in items if item.get_closest_marker("docker")]
    if marked and not os.environ.get("CI") and not engine_answers():
        for item in marked:
            item.add_marker(pytest.mark.skip(reason="no Docker engine answers"))


@pytest.fixture(scope="session", autouse=True)
def _shared_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    SHARED.open(tmp_path_factory)


@pytest.fixture(scope="session")
def torch_wheels() -> Path:
    """Return a folder with a wheel of torch for the CPU; it is empty where its index answers."""

    def provide(folder: Path) -> None:
        torch_wheel.provide(folder)

    return SHARED.once("torch", provide)


@pytest.fixture(scope="session", params=TEMPLATES)
def image(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    torch_wheels: Path,
) -> Iterator[Image]:
    """Return the image that `nox -s build` makes of a fresh project; it is removed at the end."""
    template = str(request.param)
    path = tmp_path_factory.mktemp(template) / name_of(template)
    with built(generate_for_torch(path, torch_wheels, template), template) as image:
        yield image
