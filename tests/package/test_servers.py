"""Templates on a git server: the project has its address, and none of what opens it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.generate.repository import Repository, own, run_copier
from tests.package.conftest import built, copy, line, replace_line, wheels
from tests.package.server import HTTPSServer, serving_https
from tests.project import Project
from tests.secrets.server import USER

PASSWORD = "hunter2-hunter2"


@dataclass
class Served:
    """Templates on a server."""

    templates: Repository
    server: HTTPSServer
    bare: Repository
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Return the address, without a password."""
        return f"https://{self.server.authority}/git/templates.git"

    @property
    def url_with_password(self) -> str:
        """Return what a person may type."""
        return f"https://{USER}:{PASSWORD}@{self.server.authority}/git/templates.git"

    def publish(self) -> str:
        """Push the newest commit and return its hash."""
        branch = self.templates.git("branch", "--show-current").strip()
        self.templates.git("push", "--quiet", "--force", str(self.bare.path), f"HEAD:{branch}")
        return self.templates.git("rev-parse", "HEAD").strip()


@pytest.fixture
def served(templates: Repository, tmp_path: Path) -> Iterator[Served]:
    """Serve templates; the home of the one who copies has the password, as git wants it."""
    (tmp_path / "server/git").mkdir(parents=True)
    home = tmp_path / "home"
    home.mkdir()
    bare = Repository(tmp_path / "server/git/templates.git")
    templates.git("clone", "--quiet", "--bare", ".", str(bare.path))
    with serving_https(tmp_path / "server", PASSWORD, "127.0.0.1") as server:
        shutil.copy(server.netrc, home / ".netrc")
        variables = {"HOME": str(home), "GIT_SSL_CAINFO": str(server.certificate)}
        yield Served(templates, server, bare, variables | {"GIT_TERMINAL_PROMPT": "0"})


def files_with(project: Project, text: str) -> list[str]:
    """Return the files of a project that hold a text."""
    found = project.files()
    return [name for name in found if text.encode() in (project.path / name).read_bytes()]


def test_https(served: Served, tmp_path: Path) -> None:
    """The line has the address and the commit; wheel and update need what git needs, no more."""
    commit = served.publish()
    project, _ = copy(served.url, tmp_path / "model", **served.variables)
    assert line(project) == f"mldock-runtime @ git+{served.url}@{commit}"

    assert wheels(project, **served.variables).returncode == 0
    assert built(project) == [commit]
    assert wheels(project, "--check", **served.variables).returncode == 0

    own(project.path)
    served.templates.git("commit", "--quiet", "--allow-empty", "--message", "newer")
    newer = served.publish()
    result = run_copier("update", "--defaults", str(project.path), **served.variables)
    assert result.returncode == 0, result.stdout
    assert line(project) == f"mldock-runtime @ git+{served.url}@{newer}"


def test_password_in_the_address(served: Served, tmp_path: Path) -> None:
    """A password that was typed is in no file; what git has in its place serves an update."""
    project, _ = copy(served.url_with_password, tmp_path / "model", **served.variables)
    own(project.path)

    assert files_with(project, PASSWORD) == []
    assert f" @ git+{served.url}@" in line(project)
    updated = run_copier("update", "--defaults", str(project.path), **served.variables)
    assert updated.returncode == 0, updated.stdout


def test_server_does_not_let_in(served: Served, tmp_path: Path) -> None:
    """Git says why, and the session fails at once; a wheel needs no server."""
    project, _ = copy(served.url, tmp_path / "model", **served.variables)
    (tmp_path / "home/.netrc").unlink()

    result = wheels(project, **served.variables)

    assert result.returncode == 128
    assert "fatal: could not read Username for" in result.stdout
    assert "Traceback" not in result.stdout


def test_commit_that_no_branch_has(served: Served, tmp_path: Path) -> None:
    """The server has it, as GitHub has the commits of all forks: it is not taken."""
    project, _ = copy(served.url, tmp_path / "model", **served.variables)
    served.templates.git("commit", "--quiet", "--allow-empty", "--message", "of a fork")
    forked = served.publish()
    served.templates.git("reset", "--quiet", "--hard", "HEAD~")
    served.publish()
    assert served.bare.git("cat-file", "-t", forked).strip() == "commit"
    replace_line(project, f"mldock-runtime @ git+{served.url}@{forked}")

    result = wheels(project, **served.variables)

    assert result.returncode == 1
    assert f"No branch of {served.url} has the commit {forked}." in result.stdout
