"""The wheel that the first command builds from the line, on a laptop without Docker."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from tests.generate.repository import Repository, own, run_copier
from tests.package.conftest import built, copy, line, replace_line, wheels
from tests.project import Project

HASH = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def project(templates: Repository, tmp_path: Path) -> Project:
    """Return a project in a folder that has a blank and an umlaut in its name."""
    return copy(str(templates.path), tmp_path / "mein prüfling")[0]


def commit_of(templates: Repository) -> str:
    """Return the hash of the newest commit."""
    return templates.git("rev-parse", "HEAD").strip()


def test_first_command(templates: Repository, project: Project) -> None:
    """It builds the wheel of the commit and runs by it; git sees the wheel, and nothing else."""
    own(project.path)

    result = project.nox("train")

    assert result.returncode == 0, result.stdout
    assert built(project) == [commit_of(templates)]
    seen = Repository(project.path).git("status", "--porcelain", "--untracked-files=all")
    (wheel,) = seen.splitlines()
    assert wheel.startswith(f"?? wheels/{commit_of(templates)}/mldock_runtime-")


def test_source_is_gone(templates: Repository, project: Project) -> None:
    """With the wheel nothing is missed; without it one line says where to make it."""
    assert wheels(project).returncode == 0
    shutil.rmtree(templates.path)

    assert project.nox("train").returncode == 0
    shutil.rmtree(project.path / "wheels" / built(project)[0])
    result = wheels(project)

    assert result.returncode == 1
    expected = f"The runtime comes from {templates.path}, which is not on this machine. "
    expected += "Commit wheels/."
    assert expected in result.stdout.splitlines()
    assert "Traceback" not in result.stdout


def test_commit_is_not_in_the_source(templates: Repository, project: Project) -> None:
    """One line names the commit, and what to do."""
    replace_line(project, f"mldock-runtime @ git+{templates.path.as_uri()}@{HASH}")

    result = wheels(project)

    assert result.returncode == 1
    expected = f"No branch of {templates.path} has the commit {HASH}. Restore wheels/ from git, or "
    expected += "take the newest: pipx run copier update"
    assert expected in result.stdout.splitlines()
    assert built(project) == []


def test_two_projects_of_two_commits(
    templates: Repository, project: Project, tmp_path: Path
) -> None:
    """Each has the code of its own commit."""
    (templates.path / "src/mldock/newer.py").write_text('"""It is new."""\n', "utf-8")
    templates.commit()
    newer, _ = copy(str(templates.path), tmp_path / "newer")

    assert wheels(project).returncode == wheels(newer).returncode == 0

    assert line(project) != line(newer)
    assert b"mldock/newer.py" not in content(project)
    assert b"mldock/newer.py" in content(newer)


def content(project: Project) -> bytes:
    """Return the wheel of a project."""
    (wheel,) = (project.path / "wheels").rglob("mldock_runtime-*.whl")
    return wheel.read_bytes()


def test_stale_wheels_do_not_count(templates: Repository, project: Project) -> None:
    """Neither that of another commit nor one beside the folders is installed; the former goes."""
    for folder in (HASH, "local", "."):
        (project.path / "wheels" / folder).mkdir(exist_ok=True)
        path = project.path / "wheels" / folder / "mldock_runtime-9.9-py3-none-any.whl"
        path.write_bytes(b"stale")

    result = wheels(project)

    assert result.returncode == 0, result.stdout
    assert commit_of(templates) in result.stdout
    assert sorted(built(project)) == sorted([".", commit_of(templates)])


def test_update_moves_line_and_wheel(templates: Repository, project: Project) -> None:
    """`copier update` moves the line, and the next command the wheel."""
    before = commit_of(templates)
    assert wheels(project).returncode == 0
    own(project.path)
    (templates.path / "src/mldock/newer.py").write_text('"""It is new."""\n', "utf-8")
    templates.commit()

    result = run_copier("update", "--defaults", str(project.path))
    assert result.returncode == 0, result.stdout
    assert built(project) == [before]
    assert wheels(project).returncode == 0

    assert line(project).endswith(f"@{commit_of(templates)}")
    assert built(project) == [commit_of(templates)]
    assert not (project.path / "wheels" / before).exists()


def test_a_failed_build_keeps_the_old_wheel(templates: Repository, project: Project) -> None:
    """Where the new source cannot be had, going back needs no source."""
    assert wheels(project).returncode == 0
    replace_line(project, f"mldock-runtime @ git+{templates.path.as_uri()}@{HASH}")

    assert wheels(project).returncode == 1

    assert built(project) == [commit_of(templates)]


def test_check(project: Project) -> None:
    """`--check` passes for what was built, and fails for what was changed."""
    assert wheels(project).returncode == 0
    assert wheels(project, "--check").returncode == 0
    (wheel,) = (project.path / "wheels").rglob("mldock_runtime-*.whl")
    wheel.write_bytes(wheel.read_bytes() + b"\n")

    result = wheels(project, "--check")

    assert result.returncode == 1
    assert f"{wheel} is not what {project.path.parent}" in result.stdout
    assert wheel.read_bytes().endswith(b"\n")


def test_folder_is_built_again_when_it_changes(templates: Repository, tmp_path: Path) -> None:
    """A draft of the template is what its projects run; unchanged, it makes no environment anew."""
    shutil.rmtree(templates.path / ".git")
    project, _ = copy(str(templates.path), tmp_path / "model")
    assert wheels(project).returncode == 0
    (wheel,) = (project.path / "wheels").rglob("mldock_runtime-*.whl")
    made = wheel.stat().st_mtime_ns

    assert wheels(project).returncode == 0
    assert wheel.stat().st_mtime_ns == made
    path = templates.path / "src/mldock/newer.py"
    path.write_text('"""It is new."""\n', "utf-8")
    # As tar and git may leave it: no time tells that it is new.
    os.utime(path, (0, 0))
    assert wheels(project).returncode == 0

    assert built(project) == ["local"]
    assert b"mldock/newer.py" in wheel.read_bytes()


def test_folder_is_gone(templates: Repository, tmp_path: Path) -> None:
    """With its wheel, which git does not ignore, a project of a folder does without it."""
    (templates.path / "notes.txt").touch()
    project, _ = copy(str(templates.path), tmp_path / "model")
    assert wheels(project).returncode == 0
    repository = own(project.path)
    shutil.rmtree(templates.path)

    clone = Project(repository.clone(tmp_path / "colleague").path)

    assert wheels(clone).returncode == 0
    assert built(clone) == ["local"]


def test_bundle(templates: Repository, tmp_path: Path) -> None:
    """A bundle of git is a source as any other, and can be updated."""
    branch = templates.git("branch", "--show-current").strip()
    bundle = tmp_path / "templates.bundle"
    templates.git("bundle", "create", "--quiet", str(bundle), "HEAD", branch)
    project, _ = copy(str(bundle), tmp_path / "model")

    assert wheels(project).returncode == 0

    assert built(project) == [commit_of(templates)]


def test_given_version(project: Project) -> None:
    """A version is looked for on the index and in wheels/; nothing is built."""
    assert wheels(project).returncode == 0
    (wheel,) = (project.path / "wheels").rglob("mldock_runtime-*.whl")
    shutil.copy(wheel, project.path / "wheels")
    shutil.rmtree(wheel.parent)
    replace_line(project, f"mldock-runtime=={wheel.name.split('-')[1]}")

    result = project.nox("train")

    assert result.returncode == 0, result.stdout
    assert built(project) == ["."]


def test_given_wheel(project: Project, tmp_path: Path) -> None:
    """The wheel of an address is installed if its hash is that of the line."""
    assert wheels(project).returncode == 0
    (wheel,) = (project.path / "wheels").rglob("mldock_runtime-*.whl")
    elsewhere = Path(shutil.copy(wheel, tmp_path))
    shutil.rmtree(wheel.parent)
    right = hashlib.sha256(elsewhere.read_bytes()).hexdigest()
    results = []
    for sha256 in (right[::-1], right):
        replace_line(project, f"mldock-runtime @ {elsewhere.as_uri()}#sha256={sha256}")
        results.append(project.nox("train"))

    assert [result.returncode for result in results] == [1, 0], results[1].stdout
    assert "Hash mismatch" in results[0].stdout
    assert built(project) == []


def test_take_the_runtime_over(templates: Repository, project: Project) -> None:
    """As docs/update.md describes it: the package is a folder of the project, to be changed."""
    own_line = line(project)
    templates.clone(project.path / "runtime")
    shutil.rmtree(project.path / "runtime/.git")
    shutil.rmtree(templates.path)
    replace_line(project, "mldock-runtime @ file:runtime")
    main = project.path / "runtime/src/mldock/__main__.py"
    text = main.read_text("utf-8")
    main.write_text(text.replace('"""Run a command in', 'print("It is mine.")\n    """'), "utf-8")

    mine = project.nox("train")

    assert mine.returncode == 0, mine.stdout
    assert "It is mine." in mine.stdout
    assert built(project) == ["local"]
    replace_line(project, own_line)
    assert "which is not on this machine" in wheels(project).stdout


@pytest.mark.parametrize("name", ["src/requirements.txt", "requirements-dev.txt"])
def test_old_mldock_is_refused(project: Project, name: str) -> None:
    """It has the same import name, so that one would overwrite the other's files."""
    with (project.path / name).open("a", encoding="utf-8") as file:
        file.write("mldock==0.9.2\n")

    result = project.nox("train")

    assert result.returncode == 1
    expected = f"{name} has mldock, whose files are in the way of mldock-runtime. Remove it."
    assert expected in result.stdout.splitlines()


def test_line_is_missing(project: Project) -> None:
    """One line says which file has to name it."""
    replace_line(project, "")

    result = wheels(project)

    assert result.returncode == 1
    expected = "src/container/requirements.txt does not name mldock-runtime: restore its line from "
    assert f"{expected}git." in result.stdout.splitlines()
