"""The SDKs, and the image of a trainer that tells what it has been given."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.images import Image, built, name_of
from tests.project import generate
from tests.sagemaker.environments import REQUIREMENTS, install, variables
from tests.sagemaker.sdk import Sdk
from tests.sagemaker.telling import TELLING


@pytest.fixture(scope="session")
def telling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    """Return the image of a project whose owner has changed the trainer, as all owners do."""
    path = tmp_path_factory.mktemp("telling") / name_of("telling")
    project = generate(path, template="generic")
    with (path / "src" / "trainer.py").open("a", encoding="utf-8") as trainer:
        trainer.write(TELLING)
    with built(project, "generic") as image:
        yield image


@pytest.fixture(scope="module", params=REQUIREMENTS)
def sdk(request: pytest.FixtureRequest, telling: Image) -> Iterator[Sdk]:
    """Return a version of the SDK; what its jobs leave behind is removed at the end."""
    version = str(request.param)
    # Not in pytest's own folder, which other users may not enter.
    folder = Path(tempfile.mkdtemp(prefix="mldock-sagemaker-"))
    folder.chmod(0o755)
    shutil.copytree(telling.project.path / "data", folder / "data")
    (folder / "empty").mkdir()
    sdk = Sdk(version, install(version), folder, variables(folder))
    yield sdk
    sdk.clean(telling.name)
    shutil.rmtree(folder)
