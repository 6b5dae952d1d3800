"""The manifest of an upload: written last, so that half of one is not taken for the whole."""

from __future__ import annotations

import zlib
from pathlib import Path

from mldock.errors import ContainerError
from mldock.places import RemoteFile
from mldock.stores import CHUNK, Store
from pydantic import BaseModel, ValidationError

MANIFEST = ".mldock-manifest.json"
# Seconds by which the times that a store gives to the files of one upload may be out of order.
CLOCK = 1.0


class Entry(BaseModel):
    """What a file was when it was uploaded."""

    size: int
    crc32: int


class Manifest(BaseModel):
    """What an upload consists of.

    Attributes:
        complete: False during the upload, or when it never ended.
        files: Size in bytes and checksum of each file, by its path below the manifest's folder.

    """

    complete: bool = False
    files: dict[str, Entry] = {}


def is_manifest(file: RemoteFile) -> bool:
    """Return whether a file is the manifest of an upload."""
    return file.path.rpartition("/")[2] == MANIFEST


def read_entries(store: Store, files: list[RemoteFile]) -> dict[str, Entry]:
    """Return what the manifests among the files say of those beside them.

    A file that was put there after the upload is what its owner wants, whatever a manifest says.

    Raises:
        ContainerError: An upload is not complete.

    """
    there = {file.path: file for file in files}
    entries = {}
    for file in filter(is_manifest, files):
        folder = file.path.removesuffix(MANIFEST)
        for name, entry in read_manifest(store, file).files.items():
            known = there.get(folder + name)
            if known is None:
                raise ContainerError(
                    f"{folder + name} is missing, which {file.key} lists. Upload it again."
                )
            if known.modified <= file.modified + CLOCK:
                entries[folder + name] = entry
    return entries


def read_manifest(store: Store, file: RemoteFile) -> Manifest:
    """Read a manifest."""
    try:
        manifest = Manifest.model_validate_json(b"".join(store.read(file, 0, file.size)))
    except ValidationError as error:
        raise ContainerError(f"{file.key} is not the manifest of an upload. Delete it.") from error
    if not manifest.complete:
        raise ContainerError(
            "its upload has not ended. Wait for it, or if it was cut off, upload it again."
        )
    return manifest


def entry_of(path: Path) -> Entry:
    """Return the size and the checksum of a file."""
    crc, size = 0, 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            crc, size = zlib.crc32(chunk, crc), size + len(chunk)
    return Entry(size=size, crc32=crc)
