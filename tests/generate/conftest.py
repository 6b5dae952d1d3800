"""What the tests of generated projects share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.generate.repository import Repository, copy_templates


@pytest.fixture(scope="session", autouse=True)
def _nobodys_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hide the settings and the cache of the person who runs the tests from `copier`."""
    folder = tmp_path_factory.mktemp("copier")
    (folder / "settings.yml").write_text("{}\n", "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COPIER_SETTINGS_PATH", str(folder / "settings.yml"))
        patch.setenv("COPIER_CACHE_DIR", str(folder / "cache"))
        yield


@pytest.fixture(scope="session")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Return a repository of the templates as they are now; tests change clones of it."""
    return copy_templates(tmp_path_factory.mktemp("snapshot"))
