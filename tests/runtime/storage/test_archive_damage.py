"""Archives that are too much, cut off, garbled or none at all; and any tree that is whole."""

from __future__ import annotations

import gzip
import tarfile
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from container.lifecycle import ContainerError
from container.lifecycle.storage.archives import unpack_all
from tests.runtime.storage.test_archives import FILES, LIMIT, pack, refused
from tests.runtime.storage.tools import make_tree, tree

KINDS = ["x.tar.gz", "x.tar", "x.zip", "x.tar.xz"]

NAME = st.text(
    st.characters(codec="utf-8", exclude_characters="/\\:\0", exclude_categories=["Cs"]),
    min_size=1,
    max_size=20,
).filter(lambda name: name not in {".", ".."})


@st.composite
def trees(draw: st.DrawFn) -> dict[str, bytes]:
    """Draw a tree: folders and files have different names."""
    folders = draw(st.lists(st.lists(NAME.map("d{}".format), max_size=3), max_size=5))
    return {
        "/".join([*folder, f"f{draw(NAME)}"]): draw(st.binary(max_size=2000)) for folder in folders
    }


@settings(max_examples=40)
@given(files=trees(), kind=st.sampled_from(KINDS))
def test_what_is_packed_is_unpacked(files: dict[str, bytes], kind: str) -> None:
    """Any tree comes out as it went in."""
    with tempfile.TemporaryDirectory() as folder:
        unpack_all(pack(Path(folder) / "packed" / kind, files), Path(folder) / "out", LIMIT)
        assert tree(Path(folder) / "out") == files


@pytest.mark.parametrize("kind", KINDS)
def test_bomb(kind: str, tmp_path: Path) -> None:
    """An archive that is small and unpacks to much is refused, before it fills the disk."""
    packed = pack(tmp_path / "packed" / kind, {"a": b"1", "bomb": bytes(10 * LIMIT)})

    refused(tmp_path, "Raise MLDOCK_UNPACK_LIMIT_GB")

    assert sum(len(content) for content in tree(tmp_path / "deep").values()) <= LIMIT
    unpack_all(packed, tmp_path / "out", 10 * LIMIT + 1)


def test_limit_is_of_all_archives(tmp_path: Path) -> None:
    """Two archives that are within the limit each may be too much together."""
    for name in ("1.tar", "2.zip"):
        pack(tmp_path / "packed" / name, {name: bytes(LIMIT // 2 + 1)})

    refused(tmp_path, "2.zip unpacks to more than is allowed")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.9])
def test_archive_that_is_cut(kind: str, share: float, tmp_path: Path) -> None:
    """A part of an archive is never taken for all of it."""
    packed = pack(tmp_path / "packed" / kind, FILES)
    # An unpacked tar ends with up to ten kilobytes of nothing, which may be missing.
    end = 8192 if kind == "x.tar" else (packed / kind).stat().st_size
    (packed / kind).write_bytes((packed / kind).read_bytes()[: int(end * share)])

    refused(tmp_path, f"{kind} cannot be unpacked: .*Pack it anew")


@pytest.mark.parametrize("place", [512 * 3, 512 * 3 + 200])
@pytest.mark.parametrize("garbage", [b"", b"garbage" * 100])
def test_tar_that_is_cut_or_garbled_between_files(
    place: int, garbage: bytes, tmp_path: Path
) -> None:
    """Python takes a broken header for the end of the tar; it is an error."""
    packed = pack(tmp_path / "packed" / "x.tar", {"a": bytes(1000), "b": bytes(1000)})
    content = (packed / "x.tar").read_bytes()
    (packed / "x.tar").write_bytes(content[:place] + garbage)

    refused(tmp_path, "x.tar cannot be unpacked: .*cut off or garbled")


@pytest.mark.parametrize("kind", KINDS)
def test_archive_that_is_garbled(kind: str, tmp_path: Path) -> None:
    """Wrong bytes in the middle of a compressed archive are found."""
    files = {"a": bytes(range(256)) * 400}
    packed = pack(tmp_path / "packed" / kind, files)
    content = bytearray((packed / kind).read_bytes())
    middle = 300 if kind == "x.tar" else len(content) // 2
    content[middle : middle + 4] = b"\xff\xfe\xfd\xfc"
    if kind == "x.tar":
        content[148:152] = b"0000"
    (packed / kind).write_bytes(content)

    refused(tmp_path, f"{kind} cannot be unpacked")


def test_wrong_byte_that_only_a_checksum_finds(tmp_path: Path) -> None:
    """The checksum of a .tar.gz is compared, though it stands behind all files."""
    packed = pack(tmp_path / "packed" / "x.tar", {"a": b"good" * 100})
    plain = (packed / "x.tar").read_bytes()
    (packed / "x.tar").unlink()
    content = gzip.compress(plain, compresslevel=0).replace(b"good", b"evil", 1)
    (packed / "x.tar.gz").write_bytes(content)

    refused(tmp_path, "x.tar.gz cannot be unpacked: .*CRC check failed")


@pytest.mark.parametrize("content", [b"", b"1,2,3\n" * 1000, b"PK\3\4", b"\x1f\x8b", bytes(100)])
def test_file_that_is_no_archive(content: bytes, tmp_path: Path) -> None:
    """A table beside the archives, or an empty file, is told by its name."""
    make_tree(tmp_path / "packed", {"iris.csv": content})

    refused(tmp_path, "iris.csv cannot be unpacked: .*Pack it anew")


def test_encrypted_zip(tmp_path: Path) -> None:
    """A zip that needs a password is told."""
    packed = pack(tmp_path / "packed" / "x.zip", {"a": b"1"})
    content = bytearray((packed / "x.zip").read_bytes())
    content[6] |= 1
    content[content.index(b"PK\1\2") + 8] |= 1
    (packed / "x.zip").write_bytes(content)
    assert zipfile.ZipFile(packed / "x.zip").infolist()[0].flag_bits & 1

    refused(tmp_path, "x.zip cannot be unpacked: .*encrypted.*Pack it anew")


def test_empty_archives(tmp_path: Path) -> None:
    """An archive may hold nothing."""
    for kind in KINDS:
        pack(tmp_path / "packed" / kind, {})

    unpack_all(tmp_path / "packed", tmp_path / "out", LIMIT)

    assert tarfile.is_tarfile(tmp_path / "packed" / "x.tar")
    assert tree(tmp_path / "out") == {}


def test_place_that_is_taken(tmp_path: Path) -> None:
    """A file where the directory should be is told in a line."""
    packed = pack(tmp_path / "packed" / "x.tar", {"a": b"1"})
    make_tree(tmp_path, {"out": b""})

    with pytest.raises(ContainerError, match=r"x\.tar cannot be unpacked"):
        unpack_all(packed, tmp_path / "out", LIMIT)
