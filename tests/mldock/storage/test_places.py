"""Places that can be written and read: what was stored comes back, or is refused by its name."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from mldock import ContainerError, Environment, TrainingLifecycle
from mldock.checkpoints import Checkpoints
from mldock.manifest import MANIFEST
from mldock.storage import check_output
from mldock.stores import Directory, Store

from tests.mldock.proxy import Fault, Proxy
from tests.mldock.storage.conftest import Remote
from tests.mldock.storage.tools import BUCKET, TITLE, fetch, keep, make_tree, tree


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Return a directory with a file and a folder."""
    return make_tree(tmp_path / "model", {"a": b"", "f/b": b"two"})


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("m", "a file is stored there"),
        ("m/f", "'m/f' is in the way of a folder or a file"),
        ("m/a/x", "'m/a/x' is in the way"),
    ],
)
def test_place_that_could_not_be_read(key: str, told: str, s3: Any, model: Path) -> None:
    """An upload that a download would refuse is refused before anything is stored."""
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"content")

    with pytest.raises(ContainerError, match=rf"^[^\n]*{told}[^\n]*$"):
        keep(model, "s3://bucket/m")

    assert [item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET)["Contents"]] == [key]


@pytest.mark.parametrize("key", ["m/", "m/g/", "m/" + "x" * 260, "m//x", "m/g/h"])
def test_what_others_have_put_there(key: str, s3: Any, model: Path, tmp_path: Path) -> None:
    """It keeps no finished training from its result; who reads the place is told what is odd."""
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"content")

    keep(model, "s3://bucket/m")

    if key == "m/g/h":
        fetch("s3://bucket/m", tmp_path / "channel")
        assert tree(tmp_path / "channel") == {"a": b"", "f/b": b"two", "g/h": b"content"}
    else:
        with pytest.raises(ContainerError, match=re.escape(repr(key))):
            fetch("s3://bucket/m", tmp_path / "channel")


@pytest.mark.parametrize("name", ["f", "a"])
def test_folder_with_what_is_in_the_way(name: str, model: Path, tmp_path: Path) -> None:
    """A file for a folder, and a folder for a file: nothing is stored."""
    kept = make_tree(tmp_path / "kept", {"f": b"1", "a/x": b"2"})
    (kept / ("a/x" if name == "f" else "f")).unlink()
    before = tree(kept)

    with pytest.raises(ContainerError, match=rf"kept/{name}' is in the way"):
        keep(model, str(kept))

    assert tree(kept) == before


def test_folder_of_many(model: Path, tmp_path: Path) -> None:
    """What is there beside the new files is neither looked at nor refused."""
    kept = tmp_path / "kept"
    kept.mkdir()
    make_link(kept / "gone")
    make_loop(kept / "loop")
    make_closed(kept / "closed")
    os.mkfifo(kept / "pipe")

    keep(model, str(kept))

    assert (kept / "f" / "b").read_bytes() == b"two"


def test_place_before_the_job(remote: Remote, tmp_path: Path) -> None:
    """It is refused before a training if nothing could be stored there after it."""
    remote.put("m", b"content")
    file = make_tree(tmp_path, {"file": b"content", "output/out/x": b"1"}) / "file"
    wrong = {
        remote.uri("m"): "a file is stored there",
        remote.uri("p/" * 505): "its key has 1,031 bytes",
        str(file): "a file is stored there",
        str(file / "below"): "A part of the path is a file",
        str(tmp_path / "output" / "out" / "kept"): "is inside of",
        str(tmp_path / ("x" * 300)): "Give it a shorter name",
    }
    if remote.scheme == "az":
        wrong[remote.uri("a\\b")] = "which is not kept"

    for place, told in wrong.items():
        with pytest.raises(ContainerError, match=rf"^MLDOCK_OUTPUT_CHANNEL_OUT=[^\n]*{told}"):
            job(tmp_path, place).startup()
    for place in (remote.uri("new"), remote.uri("m/below"), str(tmp_path / "new" / "one")):
        job(tmp_path, place).startup()


class ReadOnly(Directory):
    """A store of a project's own that only reads."""

    save = Store.save
    check_form = Store.check_form


def test_store_that_only_reads(tmp_path: Path) -> None:
    """It is refused as the place of an output before the training."""
    with pytest.raises(ContainerError, match=r"a file cannot be stored there\. Use another"):
        check_output(ReadOnly(str(tmp_path)), tmp_path / "output", TITLE)


@pytest.mark.usefixtures("brief")
@pytest.mark.parametrize("fault", [Fault(403, "AccessDenied"), Fault(503, "SlowDown")])
def test_place_that_cannot_be_checked(
    fault: Fault, proxy: Proxy, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A role that may not read, or a store that is down, is no reason not to train."""
    proxy.always = fault

    job(tmp_path, "s3://bucket/m").startup()

    assert ("cannot be checked now" in caplog.text) == (fault.status == 503)


def job(base_dir: Path, place: str) -> TrainingLifecycle:
    """Return a job with an output for a place."""
    variables = {**os.environ, "MLDOCK_OUTPUT_CHANNEL_OUT": place}
    return TrainingLifecycle(Environment(base_dir, variables))


def test_place_of_an_object(remote: Remote, model: Path, tmp_path: Path) -> None:
    """A key is no folder, for outputs and for checkpoints; a key that is both is not read."""
    remote.put("m", b"content")
    variables = {**os.environ, "MLDOCK_CHECKPOINTS": remote.uri("m")}

    with pytest.raises(ContainerError, match="a file is stored there"):
        keep(model, remote.uri("m"))
    with pytest.raises(ContainerError, match="a file is stored there"):
        Checkpoints(Environment(tmp_path, variables)).restore()

    assert remote.keys() == ["m"]
    remote.put("m/x", b"content")
    with pytest.raises(ContainerError, match="the key 'm' is a file and a folder"):
        fetch(remote.uri("m"), tmp_path / "channel")


@pytest.mark.parametrize("key", ["m/", "m/f/"])
def test_mark_of_a_folder_with_content(key: str, s3: Any, tmp_path: Path) -> None:
    """What an object holds that a folder cannot is not left out without a word."""
    s3.put_object(Bucket=BUCKET, Key="m/x", Body=b"1")
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"content")

    with pytest.raises(ContainerError, match=rf"'{key}' marks a folder, and has content.* Copy it"):
        fetch("s3://bucket/m", tmp_path)


def test_mark_beside_its_folder(remote: Remote, tmp_path: Path) -> None:
    """An empty object that is called like a folder, as Azure lists one, is no file."""
    for key in ("m/f", "m/f/x", "m/g/"):
        remote.put(key, b"1" if key.endswith("x") else b"")

    fetch(remote.uri("m"), tmp_path)

    assert tree(tmp_path) == {"f/x": b"1"}


def make_link(path: Path) -> None:
    """Make a link to what is not there."""
    path.symlink_to("gone")


def make_loop(path: Path) -> None:
    """Make a link to the folder that it is in."""
    path.symlink_to("..")


def make_closed(path: Path) -> None:
    """Make a folder that nobody may read."""
    path.mkdir(0)


ODD_FILES = pytest.mark.parametrize(
    ("make", "told"),
    [
        (make_link, "it is a link to what is not there"),
        (make_loop, "is a link to one around it"),
        pytest.param(
            make_closed,
            "the folder cannot be read",
            marks=pytest.mark.skipif(os.getuid() == 0, reason="root may read every folder"),
        ),
        (os.mkfifo, "it is neither a file nor a folder"),
    ],
)


@ODD_FILES
def test_what_is_no_file(make: Callable[[Path], None], told: str, tmp_path: Path) -> None:
    """It is named, when it is to be stored and when it is to be read; the files are stored."""
    model = make_tree(tmp_path / "model", {"a": b"1", "f/b": b"2"})
    make(model / "f" / "odd")
    with pytest.raises(ContainerError, match=f"^f/odd: [^\n]*{told}[^\n]*$"):
        keep(model, str(tmp_path / "kept"))
    with pytest.raises(ContainerError, match=f"f/odd: [^\n]*{told}"):
        fetch(str(model), tmp_path / "channel")

    assert {"a", "f/b"} == set(tree(tmp_path / "kept")) - {MANIFEST}


@ODD_FILES
def test_odd_checkpoint(
    make: Callable[[Path], None], told: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is named once; all else is stored once, and what was stored before it is not deleted."""
    remote, environment = tmp_path / "c", {"MLDOCK_CHECKPOINTS": str(tmp_path / "c")}
    remote.mkdir()
    checkpoints = Checkpoints(Environment(tmp_path, environment))
    make_tree(checkpoints.directory, {"a": b"1", "f/odd/old": b"2"})
    checkpoints.sync()
    shutil.rmtree(checkpoints.directory / "f" / "odd")
    make(checkpoints.directory / "f" / "odd")
    make_tree(checkpoints.directory, {"b": b"3"})

    checkpoints.sync()
    (remote / "b").write_bytes(b"as it was")
    checkpoints.sync()
    make_tree(checkpoints.directory, {"c": b"4"})
    checkpoints.sync()

    assert tree(remote) == {"a": b"1", "f/odd/old": b"2", "b": b"as it was", "c": b"4"}
    assert re.search(rf"f/odd is not stored: .*{told}", caplog.text)
    assert caplog.text.count("f/odd") == 1


def test_links_are_followed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What a link leads to comes back, be it a file or a folder; a folder's link is named once."""
    model = make_tree(tmp_path / "model", {"run-7/weights": b"7"})
    (model / "latest").symlink_to("run-7")
    (model / "best").symlink_to("latest/weights")

    keep(model, str(tmp_path / "kept"))
    fetch(str(tmp_path / "kept"), tmp_path / "channel")

    files = {"run-7/weights": b"7", "latest/weights": b"7", "best": b"7"}
    assert tree(tmp_path / "channel") == files
    told = f"latest is a link to {model / 'run-7'}; its files are stored in its place"
    assert caplog.text.count(" is a link to ") == caplog.text.count(told) == 1


def test_unfinished_file_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What a trainer was killed in the middle of is not stored, which is told."""
    keep(make_tree(tmp_path / "model", {".a.partial": b"1"}), str(tmp_path / "kept"))

    assert ".a.partial' is not stored, since it was never finished" in caplog.text


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("file", "a file is stored there"),
        ("file/below", r"A part of the path is a file: choose another place"),
        ("model/kept", "is inside of .*model, which is stored"),
        ("x" * 300, "File name too long.* Give it a shorter name"),
    ],
)
def test_path_that_cannot_be_a_folder(place: str, told: str, model: Path, tmp_path: Path) -> None:
    """A line says why, in no words of Python."""
    (tmp_path / "file").write_bytes(b"content")
    before = tree(tmp_path)

    with pytest.raises(ContainerError, match=rf"^[^\n]*{told}[^\n]*$") as caught:
        keep(model, str(tmp_path / place))

    assert "Errno" not in str(caught.value)
    assert tree(tmp_path) == before


def test_key_that_is_too_long(remote: Remote, tmp_path: Path) -> None:
    """A file whose key no store takes is named; a place of that length is refused."""
    make_tree(tmp_path / "model", {"y" * 200: b"1", "a": b"1"})

    with pytest.raises(ContainerError, match=r"^y+: its key has 1,1\d\d bytes"):
        keep(tmp_path / "model", remote.uri("p/" * 460))
    with pytest.raises(ContainerError, match="its key has 1,199 bytes, and a store takes 1,024"):
        keep(tmp_path / "model", remote.uri("p/" * 600))

    keys = remote.keys()
    assert {key[920:] for key in keys} == {"a", MANIFEST}


@pytest.mark.parametrize("name", ["a\nb", "a\x7f", "a\ufffe", "a\\b"])
def test_name_that_is_not_kept(name: str, remote: Remote, tmp_path: Path) -> None:
    """What a store would refuse, rename or no longer list is named in one line that can be read."""
    make_tree(tmp_path / "model", {name: b"1"})
    if name == "a\\b" and remote.scheme != "az":
        keep(tmp_path / "model", remote.uri("m"))
        assert sorted(remote.keys()) == [f"m/{MANIFEST}", f"m/{name}"]
        return

    with pytest.raises(ContainerError, match=r"which is not kept\. Rename it") as caught:
        keep(tmp_path / "model", remote.uri("m"))

    assert str(caught.value).isprintable()


# Some are files and folders at once, or are in the way of each other, or cannot be kept.
PART = st.sampled_from(
    [
        *"ab -~漢",
        "é" * 127,
        "x" * 255,
        "a b?#%20+&",
        ".h",
        "a\\b",
        "a\nb",
        "\x7f",
        "\udcff",
        "\ufffe",
        "'\"<&>",
        "a.",
        "...",
    ]
)
PATHS = st.lists(PART, min_size=1, max_size=3).map("/".join)
CONTENT = st.sampled_from([b"", b"1", bytes(range(256)) * 9])
FILES = st.dictionaries(PATHS, CONTENT | st.just(None), min_size=1, max_size=5)
# What others have put there: each with its slashes as it is. With these nobody can read the place,
# as with the mark of a folder that has content; they keep no job from its result.
ODD = ["//a", "/a//b", "/" + "x" * 260]
OBJECTS = st.dictionaries(
    st.sampled_from(["", "/", "/a", "/a/", "/b/a", "/b/a/", *ODD]),
    CONTENT,
    max_size=2,
)
NUMBERS = count()


@pytest.mark.usefixtures("brief")
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=FILES, objects=OBJECTS)
def test_comes_back_or_is_refused(
    remote: Remote, tmp_path: Path, files: dict[str, bytes | None], objects: dict[str, bytes]
) -> None:
    """Whatever is stored beside whatever there is comes back the same, or the upload is refused."""
    folder = tmp_path / str(next(NUMBERS))
    place = f"{folder.name} é"
    for key, content in objects.items():
        remote.put(place + key, content)
    for name, text in files.items():
        path = folder / "model" / name
        # What is a file and a folder at once is so only in a store.
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            # None is a link to whatever is, or is not, beside it.
            path.write_bytes(text) if text is not None else path.symlink_to("b")
    # A list does not tell the mark of a folder from the file that the upload replaces.
    assume(not (objects.get("/a/") and (folder / "model" / "a").is_file()))
    assume(not (objects.get("/b/a/") and (folder / "model" / "b" / "a").is_file()))
    refusal = ""
    try:
        keep(folder / "model", remote.uri(place))
    except ContainerError as error:
        refusal = str(error)
    if refusal:
        assert refusal.isprintable()
        assert not any(word in refusal for word in ("Error", "Errno", "status code"))
    else:
        odd = objects.keys() & {*ODD} or any(objects.get(key) for key in ("/", "/a/", "/b/a/"))
        with suppress(*([ContainerError] if odd else [])):
            fetch(remote.uri(place), folder / "channel")
            stored = tree(folder / "model")
            assert {name: tree(folder / "channel").get(name) for name in stored} == stored
    shutil.rmtree(folder)
