"""Searching an image for a text: each file of each layer, its history and its config."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO


def find_in_image(image: str, word: str, folder: Path) -> set[str]:
    """Return where an image holds a word, were it in base64: `layer 0: PATH`, `config.Env`.

    A file that was deleted in a later layer is still in its own. What is packed is unpacked.
    """
    archive = folder / "image.tar"
    subprocess.run(["docker", "save", "--output", str(archive), image], check=True)
    try:
        with tarfile.open(archive) as saved:
            return set(find_in_archive(saved, spellings(word)))
    finally:
        archive.unlink()


def spellings(word: str) -> list[bytes]:
    """Return a word as it stands, and what it is in base64 whatever stands before it."""
    found = [word.encode()]
    for before in range(3):
        # The first characters depend on what is before the word, the last on what follows.
        text = base64.b64encode(b"\0" * before + word.encode())
        found.append(text[-(-before * 8 // 6) : (before + len(word)) * 8 // 6])
    return found


def find_in_archive(saved: tarfile.TarFile, words: list[bytes]) -> Iterator[str]:
    """Yield the places in what `docker save` has written."""
    manifest = json.load(opened(saved, "manifest.json"))[0]
    config = json.load(opened(saved, manifest["Config"]))
    run_with = config.pop("config")
    for name, value in {**config, **run_with}.items():
        if holds(json.dumps(value).encode(), words):
            yield f"config: {name}"
    for number, layer in enumerate(manifest["Layers"]):
        # Not sought in, since it may be compressed.
        with tarfile.open(fileobj=opened(saved, layer), mode="r|*") as files:
            for member in files:
                file = files.extractfile(member) if member.isfile() else None
                facts = " ".join([member.name, member.linkname, *member.pax_headers.values()])
                contents = [facts.encode("utf-8", "surrogateescape")]
                contents += unpacked(file.read() if file else b"")
                if any(holds(content, words) for content in contents):
                    yield f"layer {number}: {member.name}"


def opened(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    """Return a file of an archive."""
    file = archive.extractfile(name)
    assert file
    return file


def unpacked(content: bytes) -> Iterator[bytes]:
    """Yield a content, and what it is when it is unpacked, as deep as it goes."""
    yield content
    # What only begins like an archive has been searched as it is.
    with suppress(zlib.error, zipfile.BadZipFile):
        if content.startswith(b"\x1f\x8b"):
            yield from unpacked(zlib.decompressobj(wbits=31).decompress(content))
        elif content.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                for name in archive.namelist():
                    yield from unpacked(archive.read(name))


def holds(content: bytes, words: list[bytes]) -> bool:
    """Say whether one of the words stands in a content."""
    return any(word in content for word in words)
