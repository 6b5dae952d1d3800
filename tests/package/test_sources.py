"""`copier copy` from each kind of folder: the line, the answers file and the closing message."""

from __future__ import annotations

import inspect
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from copier import _vcs

from tests.generate.repository import COPIER, Repository, own, run_copier
from tests.package.conftest import ANSWERS, copy, line
from tests.package.test_line import DRAFT, REFUSAL
from tests.project import Project

NO_UPDATE = "`copier update` will not work"


def source_in_answers(project: Project) -> str:
    """Return what an update would take as its source."""
    return str(yaml.safe_load((project.path / ANSWERS).read_text("utf-8"))["_src_path"])


def test_committed(committed: Repository, tmp_path: Path) -> None:
    """A repository is named with its commit, and nothing is missing for an update."""
    project, output = copy(str(committed.path), tmp_path / "model")

    commit = committed.git("rev-parse", "HEAD").strip()
    assert line(project) == f"mldock-runtime @ git+{committed.path.as_uri()}@{commit}"
    assert NO_UPDATE not in output
    assert "runtime" not in yaml.safe_load((project.path / ANSWERS).read_text("utf-8"))


def test_relative_source_can_be_updated(templates: Repository, tmp_path: Path) -> None:
    """The answers file has an absolute path, so that an update finds it from any folder."""
    command = [*COPIER, "copy", "--defaults", "--quiet", "--data", "template=generic"]
    command += ["die vorlagen", "model"]
    subprocess.run(command, cwd=tmp_path, check=True)
    project = Project(tmp_path / "model")
    own(project.path)
    templates.git("commit", "--quiet", "--allow-empty", "--message", "newer")

    subprocess.run([*COPIER, "update", "--defaults", "--quiet"], cwd=project.path, check=True)

    assert source_in_answers(project) == str(templates.path)
    assert line(project).endswith(templates.git("rev-parse", "HEAD").strip())


def test_folder_without_git(templates: Repository, tmp_path: Path) -> None:
    """The folder itself is the source; an update needs a repository, which is said."""
    shutil.rmtree(templates.path / ".git")

    project, output = copy(str(templates.path), tmp_path / "model")

    assert line(project) == f"mldock-runtime @ {templates.path.as_uri()}"
    assert NO_UPDATE in output
    assert "Copy again from a clone of its repository." in output


def test_repository_of_another_user(templates: Repository, tmp_path: Path) -> None:
    """Git does not read it, so that it is a folder; the message has the commands that allow it."""
    variables = {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}

    project, output = copy(str(templates.path), tmp_path / "model", **variables)

    assert line(project) == f"mldock-runtime @ {templates.path.as_uri()}"
    assert NO_UPDATE in output
    remedy = re.findall(r"(?m)^ *git config --global .*$", output)
    assert remedy
    environment = {**os.environ, **variables, "HOME": str(tmp_path)}
    read = ["git", "ls-remote", str(templates.path)]
    assert subprocess.run(read, env=environment, cwd=templates.path).returncode != 0
    subprocess.run("\n".join(remedy), shell=True, check=True, env=environment)
    assert subprocess.run(read, env=environment, cwd=templates.path).returncode == 0


def test_one_untracked_file(templates: Repository, tmp_path: Path) -> None:
    """Copier commits it in a clone of its own; no one else has that commit, so none is named."""
    (templates.path / "notes.txt").touch()

    project, output = copy(str(templates.path), tmp_path / "model")

    assert line(project) == f"mldock-runtime @ {templates.path.as_uri()}"
    assert NO_UPDATE in output
    assert "Commit or remove what has changed" in output


def test_text_of_a_draft() -> None:
    """Copier still commits drafts with the text by which the template knows them."""
    assert f'"{DRAFT.strip()}"' in inspect.getsource(_vcs.clone)


def test_given_runtime(templates: Repository, tmp_path: Path) -> None:
    """A version takes the place of the address, and an update keeps it."""
    project, output = copy(
        str(templates.path), tmp_path / "model", "--data", "runtime=mldock-runtime==1.2"
    )
    own(project.path)
    templates.git("commit", "--quiet", "--allow-empty", "--message", "newer")

    result = run_copier("update", "--defaults", str(project.path))

    assert result.returncode == 0, result.stdout
    assert line(project) == "mldock-runtime==1.2"
    assert NO_UPDATE not in output


def test_given_runtime_is_refused(committed: Repository, tmp_path: Path) -> None:
    """A name without an address or a version would be taken from the public index."""
    options = ["--defaults", "--data", "runtime="]

    result = run_copier("copy", *options, str(committed.path), str(tmp_path / "model"))

    assert result.returncode != 0
    assert REFUSAL in result.stdout
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("source", ["file://{}", "{}/bare.git"])
def test_copier_refuses(templates: Repository, tmp_path: Path, source: str) -> None:
    """The address of a work tree, and the path of a bare repository: Copier makes no project."""
    templates.git("clone", "--quiet", "--bare", ".", "bare.git")

    result = run_copier(
        "copy", "--defaults", source.format(templates.path), str(tmp_path / "model")
    )

    assert result.returncode != 0
    assert not (tmp_path / "model").exists()
