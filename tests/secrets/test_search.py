"""The search itself: it finds a secret wherever a build can leave one."""

from __future__ import annotations

import base64
import gzip
from pathlib import Path

import pytest

from tests.secrets.conftest import LABEL, build
from tests.secrets.search import find_in_image, spellings

pytestmark = pytest.mark.docker

IMAGE = f"mldock-test-planted-{LABEL[-8:]}"

DOCKERFILE = """
FROM scratch AS base
COPY deleted.txt packed.gz coded.txt harmless.txt /planted/
FROM python:3.13-slim-trixie
COPY --from=base /planted /planted
RUN rm /planted/deleted.txt
ARG TOKEN
RUN test -n "$TOKEN"
ENV INDEX=https://me:WORD@example.com/
LABEL com.example.index=https://me:WORD@example.com/
"""


def test_finds_what_is_planted(word: str, tmp_path: Path) -> None:
    """A deleted file of a lower layer, a packed one, one in base64, ENV, ARG and LABEL."""
    folder = tmp_path / "context"
    folder.mkdir()
    (folder / "Dockerfile").write_text(DOCKERFILE.replace("WORD", word), "utf-8")
    (folder / "deleted.txt").write_text(word, "utf-8")
    (folder / "packed.gz").write_bytes(gzip.compress(f"it is {word}.".encode()))
    (folder / "coded.txt").write_bytes(base64.b64encode(f"builder:{word}".encode()))
    (folder / "harmless.txt").write_text(word[:-1], "utf-8")
    build(IMAGE, folder, "--build-arg", f"TOKEN={word}")

    found = {place.partition(": ")[2] for place in find_in_image(IMAGE, word, tmp_path)}

    files = {"planted/deleted.txt", "planted/packed.gz", "planted/coded.txt"}
    assert found == files | {"Env", "Labels", "history"}


@pytest.mark.parametrize("before", ["", "a", "ab", "abc", "user:"])
@pytest.mark.parametrize("after", ["", "z", "\n", "@host"])
def test_base64_is_found_wherever_it_starts(word: str, before: str, after: str) -> None:
    """What stands before and after a word changes how it is coded."""
    coded = base64.b64encode(f"{before}{word}{after}".encode())

    assert sum(spelling in coded for spelling in spellings(word)) == 1
