"""`nox -s release`: it refuses what would lose answers or cannot be told, and pushes nothing."""

from __future__ import annotations

import datetime
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.release import wrong_version
from tests.generate.repository import Repository

PASSES = '"""Updates."""\n\n\ndef test_update() -> None:\n    """It works."""\n'
NEWS = "## Unreleased\n\n### Added\n\n- A template.\n"
EMPTY = "## Unreleased\n\n### Added\n"
CHANGELOG = f"# Changelog\n\n{NEWS}\n## 1.0.0 — 2026-01-01\n\n- All.\n"
AUTHOR = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "test"), ("EMAIL", "test@example.com"))
}


@pytest.fixture
def repository(tmp_path: Path, snapshot: Repository) -> Repository:
    """Return a clone with the release 1.0.0, news since then, and tests of updates that pass."""
    clone = snapshot.clone(tmp_path / "clone")
    shutil.rmtree(clone.path / "tests")
    (clone.path / "tests/update").mkdir(parents=True)
    (clone.path / "tests/update/test_update.py").write_text(PASSES, "utf-8")
    (clone.path / "CHANGELOG.md").write_text(CHANGELOG, "utf-8")
    clone.commit(tag="v1.0.0")
    return clone


def release(repository: Repository, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run what the session runs."""
    return subprocess.run(
        [sys.executable, "-m", "scripts.release", *arguments],
        cwd=repository.path,
        env={**os.environ, **AUTHOR, "GIT_CONFIG_COUNT": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )


def refusal(repository: Repository, version: str = "1.1.0") -> str:
    """Return why there can be no release; nothing has changed then."""
    before = repository.git("rev-parse", "HEAD"), repository.git("tag")

    result = release(repository, version)

    assert result.returncode == 1, result.stdout
    assert (repository.git("rev-parse", "HEAD"), repository.git("tag")) == before
    assert "Traceback" not in result.stdout
    return result.stdout


def test_release(repository: Repository) -> None:
    """The news get the number and the day; the tag has them too; the remote has nothing."""
    result = release(repository, "1.1.0")

    assert result.returncode == 0, result.stdout
    day = datetime.datetime.now(datetime.UTC).date()
    assert (repository.path / "CHANGELOG.md").read_text("utf-8") == CHANGELOG.replace(
        NEWS, f"## Unreleased\n\n## 1.1.0 — {day}\n\n### Added\n\n- A template.\n"
    )
    assert repository.git("log", "-1", "--format=%s") == "Release 1.1.0\n"
    assert repository.git("status", "--porcelain") == ""
    assert repository.git("cat-file", "-t", "v1.1.0") == "tag\n"
    assert repository.git("rev-parse", "v1.1.0^{commit}") == repository.git("rev-parse", "HEAD")
    assert "### Added\n\n- A template." in repository.git(
        "tag", "--list", "-n99", "v1.1.0"
    ).replace("    ", "")
    assert "git push --atomic origin main v1.1.0" in result.stdout
    assert repository.git("ls-remote", "--tags", "origin") == ""


def test_dry_run(repository: Repository) -> None:
    """`--dry-run` tells the tag, the one before and the news, and changes nothing."""
    before = repository.git("rev-parse", "HEAD"), repository.git("tag")

    result = release(repository, "2.0.0-rc.1", "--dry-run")

    assert result.returncode == 0, result.stdout
    assert "v2.0.0-rc.1, after v1.0.0" in result.stdout
    assert "- A template." in result.stdout
    assert (repository.git("rev-parse", "HEAD"), repository.git("tag")) == before
    assert repository.git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    "version", ["1.1", "v1.1.0", "01.1.0", "1.1.0+x", "1.1.0-alpha", "1.1.0\n"]
)
def test_no_version(version: str) -> None:
    """What is not a version of both SemVer and PEP 440 is refused."""
    (reason,) = wrong_version(version)
    assert "is no version; write X.Y.Z or X.Y.Z-rc.N" in reason


def test_earlier_version(repository: Repository) -> None:
    """A version comes after the last one, number by number."""
    repository.git("tag", "v1.10.0")

    for version in ("1.10.0", "1.9.0", "1.10.0-rc.1"):
        assert f"{version} does not come after v1.10.0." in refusal(repository, version)


def test_updates_fail(repository: Repository) -> None:
    """A release that some project cannot be updated to is refused."""
    repository.replace("tests/update/test_update.py", '"""It works."""', "assert not 1")
    repository.commit()

    assert "The tests of updates fail" in refusal(repository)


def test_all_reasons_at_once(repository: Repository) -> None:
    """What is not committed, and what is not on main, would not be released."""
    repository.git("switch", "--quiet", "--create", "feature")
    (repository.path / "CHANGELOG.md").write_text(CHANGELOG.replace(NEWS, EMPTY), "utf-8")

    told = refusal(repository, "1")

    assert "The tree is not clean" in told
    assert "This is feature; releases are made of main." in told
    assert "CHANGELOG.md says nothing under ## Unreleased." in told
    assert told.count("There can be no release: ") == 4
