"""Archives: what they hold comes out, damage is told, and nothing else happens."""

from __future__ import annotations

import gzip
import io
import os
import stat
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mldock import ContainerError
from mldock.archives import unpack_all

from tests.mldock.storage.tools import make_tree, tree

FILES = {"a.csv": b"1,2\n" * 100, "deep/er/b": b"", "é c": bytes(5000)}
LIMIT = 10**6
KINDS = ["x.tar.gz", "x.tar", "x.zip", "x.tar.xz"]


def pack(path: Path, files: dict[str, bytes]) -> Path:
    """Make an archive of the kind that the name of the path says."""
    path.parent.mkdir(exist_ok=True)
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
            for name, content in files.items():
                zipped.writestr(name, content)
        return path.parent
    mode: Any = {".gz": "w:gz", ".tgz": "w:gz", ".bz2": "w:bz2", ".xz": "w:xz"}
    with tarfile.open(path, mode.get(path.suffix, "w")) as packed:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
    return path.parent


def refused(tmp_path: Path, match: str, limit: int = LIMIT) -> None:
    """Unpack what lies in `packed`, which must be refused in a line, and nothing written out."""
    before = set(tree(tmp_path))
    with pytest.raises(ContainerError, match=match) as caught:
        unpack_all(tmp_path / "packed", tmp_path / "deep" / "out", limit)
    assert "\n" not in str(caught.value)
    assert {name for name in tree(tmp_path) if not name.startswith("deep/out/")} == before
    assert not Path("/tmp/escaped").exists()


@pytest.mark.parametrize("name", [*KINDS, "x.tgz", "x.tar.bz2"])
def test_all_kinds(name: str, tmp_path: Path) -> None:
    """Each kind unpacks, into the directory itself, again too."""
    packed = pack(tmp_path / "packed" / name, FILES)

    for _ in range(2):
        unpack_all(packed, tmp_path / "out", LIMIT)

    assert tree(tmp_path / "out") == FILES


@pytest.mark.parametrize(
    "name", ["/tmp/escaped", "../escaped", "a/../../escaped", "C:\\x", "..\\x"]
)
@pytest.mark.parametrize("kind", ["x.tar", "x.zip"])
def test_path_that_leads_out(kind: str, name: str, tmp_path: Path) -> None:
    """A member belongs below the directory."""
    pack(tmp_path / "packed" / kind, {"good": b"1", name: b"2"})

    refused(tmp_path, "a path that leads out. Pack it anew")


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        (tarfile.SYMTYPE, "/etc/passwd"),
        (tarfile.SYMTYPE, ".."),
        (tarfile.LNKTYPE, "../../escaped"),
        (tarfile.CHRTYPE, ""),
        (tarfile.FIFOTYPE, ""),
    ],
)
def test_member_that_is_no_file(kind: bytes, target: str, tmp_path: Path) -> None:
    """A link that leads out, or a device, is refused, and what would be written behind it."""
    (tmp_path / "packed").mkdir()
    with tarfile.open(tmp_path / "packed" / "x.tar", "w") as packed:
        member = tarfile.TarInfo("member")
        member.type, member.linkname = kind, target
        packed.addfile(member)
        packed.addfile(tarfile.TarInfo("member/escaped"))

    refused(tmp_path, "x.tar cannot be unpacked: .* Pack it anew")
    assert not (tmp_path / "deep" / "out" / "member").exists()


@pytest.mark.skipif(
    not hasattr(tarfile, "data_filter"), reason="this Python is older than tarfile's filters"
)
def test_inner_links_are_kept(tmp_path: Path) -> None:
    """A link to what is inside is a link, and a file that may be run may be."""
    source = make_tree(tmp_path / "source", {"real": b"1", "run": b"2"})
    (source / "soft").symlink_to("real")
    os.link(source / "real", source / "hard")
    (source / "run").chmod(0o755)
    (tmp_path / "packed").mkdir()
    with tarfile.open(tmp_path / "packed" / "x.tar.gz", "w:gz") as packed:
        packed.add(source, ".")

    for _ in range(2):
        unpack_all(tmp_path / "packed", tmp_path / "out", LIMIT)

    assert tree(tmp_path / "out") == {"real": b"1", "run": b"2", "soft": b"1", "hard": b"1"}
    assert (tmp_path / "out" / "soft").readlink() == Path("real")
    assert (tmp_path / "out" / "run").stat().st_mode & 0o111


def test_link_in_a_zip(tmp_path: Path) -> None:
    """Links of a zip are refused, since Python would write them as files."""
    (tmp_path / "packed").mkdir()
    with zipfile.ZipFile(tmp_path / "packed" / "x.zip", "w") as zipped:
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        zipped.writestr(link, "/etc/passwd")

    refused(tmp_path, "holds the link 'link'")


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


def test_several_archives(tmp_path: Path) -> None:
    """Two archives that are within the limit each may be too much together."""
    for name in ("1.tar", "2.zip"):
        pack(tmp_path / "packed" / name, {name: bytes(LIMIT // 2 + 1)})

    refused(tmp_path, "2.zip unpacks to more than is allowed")

    # All of a channel unpack into the one directory; half a file is none of them.
    make_tree(tmp_path / "packed", {".0.partial": b"half"})
    unpack_all(tmp_path / "packed", tmp_path / "out", 2 * LIMIT)
    assert set(tree(tmp_path / "out")) == {"1.tar", "2.zip"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.01, 0.5, 0.9])
def test_archive_that_is_cut(kind: str, share: float, tmp_path: Path) -> None:
    """A part of an archive is never taken for all of it."""
    packed = pack(tmp_path / "packed" / kind, FILES)
    # An unpacked tar ends with up to ten kilobytes of nothing, which may be missing.
    end = 8192 if kind == "x.tar" else (packed / kind).stat().st_size
    (packed / kind).write_bytes((packed / kind).read_bytes()[: int(end * share)])

    refused(tmp_path, f"{kind} cannot be unpacked: .*Pack it anew")


@pytest.mark.parametrize("place", [512 * 3, 512 * 3 + 200])
def test_tar_that_is_garbled_between_files(place: int, tmp_path: Path) -> None:
    """Python takes a broken header for the end of the tar; it is an error."""
    packed = pack(tmp_path / "packed" / "x.tar", {"a": bytes(1000), "b": bytes(1000)})
    content = (packed / "x.tar").read_bytes()
    (packed / "x.tar").write_bytes(content[:place] + b"garbage" * 100)

    refused(tmp_path, "x.tar cannot be unpacked: .*cut off or garbled")


def test_wrong_byte_that_only_a_checksum_finds(tmp_path: Path) -> None:
    """The checksum of a .tar.gz is compared, though it stands behind all files."""
    packed = pack(tmp_path / "packed" / "x.tar", {"a": b"good" * 100})
    plain = (packed / "x.tar").read_bytes()
    (packed / "x.tar").unlink()
    content = gzip.compress(plain, compresslevel=0).replace(b"good", b"evil", 1)
    (packed / "x.tar.gz").write_bytes(content)

    refused(tmp_path, "x.tar.gz cannot be unpacked: .*CRC check failed")


@pytest.mark.parametrize("content", [b"", b"1,2,3\n" * 1000, b"PK\3\4", b"\x1f\x8b"])
def test_file_that_is_no_archive(content: bytes, tmp_path: Path) -> None:
    """A table beside the archives, or an empty file, is told by its name."""
    make_tree(tmp_path / "packed", {"iris.csv": content})

    refused(tmp_path, "iris.csv cannot be unpacked: .*Pack it anew")
