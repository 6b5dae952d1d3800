"""What is in the way of a capture: all of it in one list, each with a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from extensions import project
from extensions.model import File
from extensions.refusals import Refusal, listing
from tests.capture.trees import READY, add, build, refusal, write

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"


def test_nothing_to_read(tmp_path: Path) -> None:
    """What is not a project in git is refused with what makes it one."""
    (tmp_path / "empty").mkdir()
    repository = build(tmp_path / "project", READY)
    (repository.path / "new").mkdir()
    unborn = build(tmp_path / "unborn", READY)
    unborn.git("update-ref", "-d", "HEAD")
    broken = build(tmp_path / "broken", READY)
    name = broken.git("rev-parse", "HEAD:src/trainer.py").strip()
    (broken.path / ".git/objects" / name[:2] / name[2:]).unlink()

    assert "is not a folder" in refusal(tmp_path / "nowhere")
    assert "git init" in refusal(tmp_path / "empty")
    assert "has no commit yet" in refusal(unborn.path)
    assert "not a work tree" in refusal(repository.path / ".git")
    assert "has no file in git" in refusal(repository.path / "new")
    assert "no commit v9. Fetch it: git fetch" in refusal(repository.path, ref="v9").replace(
        f"The repository of {repository.path} has ", ""
    )
    assert "is incomplete" in refusal(broken.path)


def test_dirty(tmp_path: Path) -> None:
    """Changes of each kind are named; nothing of them would be in the template."""
    repository = build(tmp_path, {**READY, "gone": b"gone", "moved": b"some text\n"})
    write(tmp_path, {"src/trainer.py": b"changed\n", "new folder/ünew": b"", "staged": b""})
    (tmp_path / "gone").unlink()
    repository.git("add", "staged")
    repository.git("mv", "moved", "there")

    message = refusal(tmp_path)

    changed, untracked = message.split("- not tracked by git")
    for name in ("src/trainer.py", "gone", "staged", "moved", "there"):
        assert f"    {name}\n" in changed
    assert "    new folder/ünew\n" in untracked
    assert "git stash" in changed
    assert ".gitignore" in untracked


@pytest.mark.parametrize("answers", [b"a: [", b"- a\n", b"\xff", b""])
def test_broken_answers(tmp_path: Path, answers: bytes) -> None:
    """Answers that cannot be read are not taken for none."""
    build(tmp_path, {**READY, ".copier-answers.yml": answers})

    assert ".copier-answers.yml" in refusal(tmp_path)


@pytest.mark.parametrize("attribute", ["eol=crlf", "ident", "working-tree-encoding=UTF-16"])
def test_attributes(tmp_path: Path, attribute: str) -> None:
    """A file that git writes otherwise than it is committed is refused, or allowed by name."""
    repository = build(tmp_path, {**READY, ".gitattributes": f"a.txt text {attribute}\n".encode()})
    text = "$Id$\n".encode("utf-16" if "UTF" in attribute else "ascii")
    add(repository, {"a.txt": text})
    (tmp_path / "a.txt").unlink()
    repository.git("checkout", "--", "a.txt")

    assert attribute.split("=", maxsplit=1)[0] in refusal(tmp_path)
    assert project.read(tmp_path, allowed=["a.txt"]).files["a.txt"].content == b"$Id$\n"


def test_line_ends_of_the_commit(tmp_path: Path) -> None:
    """With `eol=lf` a checkout is what was committed; a disk with other line ends is stale."""
    files: dict[str, bytes | File] = {".gitattributes": b"a.txt text eol=lf\n", "a.txt": b"1\n"}
    repository = build(tmp_path, {**READY, **files})
    write(tmp_path, {"a.txt": b"1\r\n"})
    repository.git("add", "a.txt")

    assert project.read(tmp_path).files["a.txt"].content == b"1\n"


def test_submodule(tmp_path: Path) -> None:
    """A submodule is another repository, which a template cannot hold."""
    repository = build(tmp_path, READY)
    commit = repository.git("rev-parse", "HEAD").strip()
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{commit},vendor/other")
    repository.git("commit", "--quiet", "--message", "submodule")

    message = refusal(tmp_path)
    assert "a submodule" in message
    assert "    vendor/other\n" in message


@pytest.mark.parametrize(
    ("path", "target", "reason"),
    [
        ("a/link", "../src/trainer.py", "Copier follows links"),
        ("a/link", "../src", "Copier follows links"),
        ("a/link", "b/../../src", "Copier follows links"),
        ("a/link", "../nowhere", "Copier follows links"),
        ("a/link", "../../outside", "out of the project"),
        ("a/link", "../b/../../a", "out of the project"),
        ("a/link", "/etc/passwd", "out of the project"),
        ("link", "..", "out of the project"),
    ],
)
def test_link(tmp_path: Path, path: str, target: str, reason: str) -> None:
    """Every link is refused; one that leaves the project is told apart."""
    build(tmp_path / "project", {**READY, path: File(link=target)})

    message = refusal(tmp_path / "project")
    assert f"{path} -> {target}" in message
    assert reason in message
    assert message.count("symbolic link") == 1


def test_lfs(tmp_path: Path) -> None:
    """A pointer stands for a file that is elsewhere."""
    build(tmp_path, {**READY, "data/rows.csv": LFS})

    assert "a pointer of Git LFS" in refusal(tmp_path)


@pytest.mark.parametrize("path", ["sub/.copier-answers.yml", ".copier-answers.yml/file"])
def test_nested_answers(tmp_path: Path, path: str) -> None:
    """Copier writes every file of this name to the root."""
    build(tmp_path, {**READY, path: b"template: sklearn\n"})

    assert "answers below the root" in refusal(tmp_path)


def test_one_list(tmp_path: Path) -> None:
    """All that is in the way is said at once, the work tree's state too."""
    build(tmp_path, {**READY, "link": File(link="src"), "pointer": LFS, "model.pkl": b""})
    write(tmp_path, {"new": b""})

    message = refusal(tmp_path)
    for place in ("link -> src", "pointer", "model.pkl", "new"):
        assert f"    {place}\n" in message


def test_long_list() -> None:
    """Of a thousand places with one reason ten are named and the rest is counted."""
    found = [Refusal(f"file{number}", "wrong", "Put it right.") for number in range(1000)]
    found.append(Refusal("other", "bad", "Make it good."))

    lines = listing(found).splitlines()

    assert lines.count("- wrong:") == 1
    assert "    file9" in lines
    assert "    file10" not in lines
    assert "    and 990 more" in lines
    assert lines[-3:] == ["- bad:", "    other", "  Make it good."]
