"""The archives of a channel that is declared as packed, unpacked so that they can do no harm."""

from __future__ import annotations

import lzma
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

from mldock.errors import ContainerError, format_error
from mldock.stores import CHUNK, DISK_REMEDIES, is_partial

# What Python raises for an archive that is cut, garbled, encrypted, or none at all.
DAMAGE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    ValueError,
    RuntimeError,
)

# Debian 12 has Python 3.11.2, which came before them.
HAS_FILTER = hasattr(tarfile, "data_filter")


class Member(tarfile.TarInfo):
    """A file of a tar, which must have an end: Python takes a broken header for the end."""

    @classmethod
    def fromtarfile(cls, tarfile_: tarfile.TarFile) -> Member:
        """Read the next header."""
        try:
            return super().fromtarfile(tarfile_)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]  # its stubs lack it
            raise
        except tarfile.HeaderError as error:
            raise tarfile.ReadError(f"it is cut off or garbled ({error})") from error


def unpack_all(packed: Path, directory: Path, limit: int) -> None:
    """Unpack every archive below `packed` into `directory`, of at most `limit` bytes in all.

    Raises:
        ContainerError: A file is no archive or a damaged one, or holds what belongs elsewhere.

    """
    size = 0
    for path in sorted(path for path in packed.rglob("*") if path.is_file()):
        if is_partial(path):
            continue
        try:
            size += unpack(path, directory, limit - size)
        except DAMAGE as error:
            raise ContainerError(
                f"{path.name} cannot be unpacked: {format_error(error)}. Pack it anew."
            ) from error
        except OSError as error:
            remedy = DISK_REMEDIES.get(error.errno or 0, "Pack it anew.")
            raise ContainerError(
                f"{path.name} cannot be unpacked: {format_error(error)}. {remedy}"
            ) from error


def unpack(path: Path, directory: Path, limit: int) -> int:
    """Unpack a `.zip`, `.tar` or `.tar.gz`, and return how many bytes it held."""
    size = 0

    def check(name: str, member_size: int) -> None:
        nonlocal size
        size += member_size
        parts = PureWindowsPath(name)
        if parts.drive or parts.root or ".." in parts.parts:
            raise ContainerError(
                f"{path.name} holds {name!r}, a path that leads out. Pack it anew."
            )
        if size > limit:
            raise ContainerError(
                f"{path.name} unpacks to more than is allowed, {limit:,} bytes are left of it. "
                "Raise MLDOCK_UNPACK_LIMIT_GB if that is right."
            )

    # Python's is_zipfile also takes a tar for one whose last file is a zip.
    with path.open("rb") as file:
        is_zip = file.read(4) in {b"PK\3\4", b"PK\5\6"}
    if is_zip:
        with zipfile.ZipFile(path) as zipped:
            for item in zipped.infolist():
                check(item.filename, item.file_size)
                if stat.S_ISLNK(item.external_attr >> 16):
                    raise ContainerError(
                        f"{path.name} holds the link {item.filename!r}. Pack it anew."
                    )
            zipped.extractall(directory)
        return size

    with tarfile.open(path, tarinfo=Member) as packed:

        def members() -> Iterator[tarfile.TarInfo]:
            for member in packed:
                check(member.name, member.size)
                yield member if HAS_FILTER else plain(member)

        # The filter refuses links that lead out, devices, and what else is no data.
        if HAS_FILTER:
            packed.extractall(directory, members(), filter="data")
        else:
            packed.extractall(directory, members())
        # The checksum of what was compressed stands behind the end of the tar.
        while packed.fileobj and packed.fileobj.read(CHUNK):
            pass
    return size


def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Return a file or a folder as one of this user's, where tarfile has no filter that does so."""
    if not (member.isreg() or member.isdir()):
        raise tarfile.ExtractError(f"{member.name!r} is neither a file nor a folder")
    member.uid, member.gid, member.uname, member.gname = os.getuid(), os.getgid(), "", ""
    member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    return member
