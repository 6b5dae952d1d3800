"""What the tests of several folders share."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from scripts import torch_wheel
from tests import unit
from tests.environments import SHARED
from tests.images import Image, built, name_of
from tests.project import TEMPLATES, generate_for_torch
from tests.schedule import Groups, arrange

# The same examples at each run, and no failure because a machine is busy.
settings.register_profile("house", derandomize=True, deadline=None, database=None)
settings.load_profile("house")

# Some machines set it. Each of the many programs would compile all that it imports, at twice the
# time of the tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

GUARD = unit.Guard()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Groups:
    """Let several processes take groups of tests."""
    return Groups(config, log)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even read the files of other tests when the unit tests are asked for."""
    others = config.option.markexpr == "unit" and collection_path.is_file()
    return True if others and collection_path not in unit.FILES else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """See to it that unit tests stay what they are."""
    with GUARD.over(item.path):
        return (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Arrange the tests; skip those that need Docker where no engine answers, but for CI."""
    arrange(items)
    for item in items:
        if item.path in unit.FILES:
            item.add_marker("unit")
    marked = [item for item in items if item.get_closest_marker("docker")]
    if marked and not os.environ.get("CI") and not engine_answers():
        for item in marked:
            item.add_marker(pytest.mark.skip(reason="no Docker engine answers"))


def engine_answers() -> bool:
    """Say whether a Docker engine answers."""
    try:
        return subprocess.run(["docker", "version"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


@pytest.fixture(scope="session", autouse=True)
def _environments(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let the projects of all processes share environments."""
    folder = tmp_path_factory.getbasetemp()
    SHARED.folder = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "shared"


@pytest.fixture(scope="session")
def torch_wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a wheel of torch for the CPU; it is empty where its index answers."""
    folder = tmp_path_factory.mktemp("wheels")
    torch_wheel.provide(folder)
    return folder


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
