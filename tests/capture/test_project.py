"""Reading a project: what git tracks, byte for byte."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extensions import git, project
from extensions.model import File
from tests.capture.trees import READY, add, as_tree, build, write
from tests.generate.repository import Repository

# What an editor, a checkout or a careless reader would change.
ODD = [
    b"",
    b"no newline at the end",
    b"\r\n\r\n",
    b"one\rtwo\r\nthree\n",
    b"\xef\xbb\xbfbyte order mark\n",
    "zwölf\n".encode("utf-16"),
    "zwölf\n".encode("latin-1"),
    b"\0\xff\x80",
    b"{{ project_name }}{% raw %}\n",
    b"$Id$\n",
]
# Hypothesis also tries the texts that the code looks for, and pointers of LFS are refused.
BYTES = st.binary(max_size=200).filter(lambda content: b"git-lfs" not in content)
FILES = st.builds(File, st.sampled_from(ODD) | BYTES, st.booleans())
PARTS = st.builds(
    lambda start, rest, end: start + rest + end,
    st.sampled_from(["", ".", "_", "{{", "-"]),
    st.text("azAZ09 _-{}%#'$&()+,;=@[]^`~!éß日\u0308🎈", max_size=8),
    st.sampled_from(["x", "7", "}}", "日", ".py", ".JINJA", ".jinja", "#"]),
)
PATHS = st.lists(PARTS, min_size=1, max_size=4).map("/".join)


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(PATHS, FILES, min_size=1, max_size=6))
def test_comes_back(files: dict[str, File]) -> None:
    """Names, bytes and modes are those that were committed."""
    files = without_twins(files)
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder), files)

        assert project.read(Path(folder)).files == files


def without_twins(files: dict[str, File]) -> dict[str, File]:
    """Return files none of which is another's folder, spelling or template."""
    kept: dict[str, File] = {}
    taken: set[str] = set()
    for path, file in files.items():
        parts = path.lower().split("/")
        spellings = {
            "/".join(parts[:count]).removesuffix(".jinja") for count in range(1, len(parts) + 1)
        }
        if not spellings & taken:
            kept[path] = file
            taken |= spellings
    return kept


@settings(max_examples=25, deadline=None)
@given(
    st.sets(
        st.binary(min_size=1, max_size=20).filter(
            lambda name: (
                not set(name) & set(b"\0/")
                and name not in (b".", b"..")
                # Git refuses these itself.
                and b"git" not in name.lower()
            )
        ),
        min_size=1,
        max_size=5,
    )
)
def test_any_name(names: set[bytes]) -> None:
    """Git's list is understood whatever bytes a name has."""
    with tempfile.TemporaryDirectory() as folder:
        files = {git.text_of(name): File(name) for name in names}
        build(Path(folder), files)

        found = git.files(Path(folder), git.entries(Path(folder), "HEAD", ""))

        assert found == files
        assert {git.bytes_of(path) for path in found} == names


def test_part_of_a_repository(tmp_path: Path) -> None:
    """In a monorepo a project is its folder; what lies beside it is not in the way."""
    inside = {f"models/ünique/{name}": file for name, file in READY.items()}
    build(tmp_path, {**inside, "other/file.txt": b"other\n"})
    write(tmp_path, {"other/file.txt": b"changed\n", "other/new.txt": b"new\n"})

    assert project.read(tmp_path / "models/ünique").files == as_tree(READY)


def test_executable_as_committed(tmp_path: Path) -> None:
    """The mode is the commit's, also where the file system has none."""
    repository = build(tmp_path, READY)
    repository.git("config", "core.fileMode", "false")
    repository.git("update-index", "--chmod=+x", "src/trainer.py")
    repository.git("commit", "--quiet", "--message", "mode")

    assert project.read(tmp_path).files["src/trainer.py"].executable


def test_earlier_commit(tmp_path: Path) -> None:
    """A commit is read as it was, whatever the work tree holds now."""
    repository = build(tmp_path, {**READY, ".copier-answers.yml": b"template: sklearn\n"})
    repository.git("tag", "then")
    add(repository, {"src/trainer.py": b"better\n", ".copier-answers.yml": b"template: generic\n"})
    write(tmp_path, {"src/trainer.py": b"not committed\n"})

    then = project.read(tmp_path, "then")

    assert then.files == as_tree(READY)
    assert then.template == "sklearn"
    assert then.commit == repository.git("rev-parse", "then").strip()


def test_answers(tmp_path: Path) -> None:
    """All answers are there, and their file is no file of the template."""
    answers = b"_commit: v1.2.0\n_src_path: gh:you/templates\nepochs: 3\ntemplate: sklearn\n"
    build(tmp_path, {**READY, ".copier-answers.yml": answers})

    read = project.read(tmp_path)

    expected = {"_commit": "v1.2.0", "_src_path": "gh:you/templates"}
    assert read.answers == {**expected, "epochs": 3, "template": "sklearn"}
    assert read.template == "sklearn"
    assert read.files == as_tree(READY)


def test_no_answers(tmp_path: Path) -> None:
    """A project that somebody wrote by hand has none."""
    build(tmp_path, READY)

    assert project.read(tmp_path).answers == {}
    assert project.read(tmp_path).template is None


def test_line_ends_of_a_machine(tmp_path: Path) -> None:
    """With `core.autocrlf` the disk has other line ends; those of the commit count."""
    build(tmp_path, READY)
    git.run(tmp_path, "config", "core.autocrlf", "true")
    (tmp_path / "src/trainer.py").unlink()
    git.run(tmp_path, "checkout", "--", "src/trainer.py")
    assert b"\r\n" in (tmp_path / "src/trainer.py").read_bytes()

    assert project.read(tmp_path).files == as_tree(READY)


def test_ignored_files(tmp_path: Path) -> None:
    """What .gitignore names is no part of the project."""
    ignored: dict[str, bytes | File] = {".gitignore": b"data/\n"}
    build(tmp_path, {**READY, **ignored})
    write(tmp_path, {"data/rows.csv": b"1,2\n"})

    assert project.read(tmp_path).files == as_tree({**READY, **ignored})


def test_leaves_the_repository_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading writes nothing, not even the index that git likes to refresh."""
    monkeypatch.delenv("GIT_OPTIONAL_LOCKS", raising=False)
    repository = build(tmp_path, READY)
    # Another time stamp makes the index stale.
    os.utime(tmp_path / "src/trainer.py", (0, 0))
    before = snapshot(repository)

    project.read(tmp_path)

    assert snapshot(repository) == before


def snapshot(repository: Repository) -> dict[str, bytes]:
    """Return all that is in a folder, .git included."""
    files = (path for path in repository.path.rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in files}


def test_inside_a_hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What git tells its hooks does not lead to another repository."""
    build(tmp_path / "here", READY)
    build(tmp_path / "there", {"other": b""})
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "there/.git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "there/.git/index"))

    assert project.read(tmp_path / "here").files == as_tree(READY)
