"""The image does not depend on the machine that builds it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.client import ask, wait_until_ready
from tests.container.conftest import LABEL, Image
from tests.container.test_lifecycle import STRICT, finish
from tests.engine import engine
from tests.project import Project, generate

pytestmark = pytest.mark.docker

NAME = f"mldock-test-checkouts-{LABEL[-8:]}"
CHECKOUTS = ("LF", "CRLF", "no exec bit")
UMASKS = (0o022, 0o027, 0o077)
USERS: dict[str, dict[str, Any]] = {
    "root": {},
    "10001": {"user": "10001:10001"},
    "10001, strict": {**STRICT, "user": "10001:10001"},
}
# Nothing that bash, apt or uv reads: it stays as it is.
DATA = b"yes\r\nno\r\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Return a project with data and a script of its owner in src/; its image is removed."""
    project = generate(tmp_path_factory.mktemp("checkouts") / NAME, template="generic")
    (project.path / "src" / "labels.txt").write_bytes(DATA)
    (project.path / "src" / "say hello.sh").write_text("#!/bin/sh\necho hello\n", "utf-8")
    yield project
    images = engine().images
    for image in images.list(name=NAME):
        images.remove(image.id, force=True)
    images.prune(filters={"label": LABEL, "dangling": True})


def check_out(project: Project, path: Path, kind: str, umask: int) -> None:
    """Copy a project as files get onto machines without git's help, such as by an archive."""
    before = os.umask(umask)
    try:
        for source in sorted(project.path.rglob("*")):
            target = path / source.relative_to(project.path)
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_file():
                content = source.read_bytes()
                if kind == "CRLF" and "wheels" not in source.parts and content != DATA:
                    content = content.replace(b"\n", b"\r\n")
                target.write_bytes(content)
                if source.suffix == ".sh" and kind != "no exec bit":
                    target.chmod(0o777 & ~umask)
    finally:
        os.umask(before)


def build(path: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Build the image of a checkout, as `nox -s build` does once it has made .venv."""
    return subprocess.run(
        [sys.executable, "-m", "mldock", "build", "--label", LABEL, *options],
        cwd=path,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture(scope="module")
def images(project: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Return the images of each kind of checkout, built with each umask and in other places."""
    ids: dict[str, set[str]] = {kind: set() for kind in CHECKOUTS}
    places = [("UTC", "C"), ("Asia/Kathmandu", "tr_TR.UTF-8"), ("America/St_Johns", "C.UTF-8")]
    for kind, (umask, (zone, locale)) in product(CHECKOUTS, zip(UMASKS, places, strict=True)):
        path = tmp_path_factory.mktemp("checkout")
        check_out(project, path, kind, umask)
        tag = f"{kind.replace(' ', '-').lower()}-{umask:03o}"
        result = build(path, "--tag", tag, TZ=zone, LC_ALL=locale)
        assert result.returncode == 0, f"{kind}, umask {umask:03o}: {result.stdout}"
        ids[kind].add(str(engine().images.get(f"{NAME}:{tag}").id))
        shutil.rmtree(path)
    return ids


def test_one_image(images: dict[str, set[str]]) -> None:
    """The umask, modes, times, time zone and locale of a checkout do not reach the image."""
    # An image that differs in its modules alone: Python reads both line ends.
    assert len(images["CRLF"]) == 1
    assert len(images["LF"]) == 1
    assert images["no exec bit"] == images["LF"]


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("kind", ["LF", "CRLF"])
def test_trains_and_serves(
    images: dict[str, set[str]], project: Project, kind: str, user: str, tmp_path: Path
) -> None:
    """Each of these images trains and serves, whoever runs it."""
    (name,) = images[kind]
    image = Image(name, "generic", project)
    base_dir = image.make_base_dir(tmp_path)
    for path in [base_dir, *base_dir.rglob("*")]:
        path.chmod(0o777 if path.is_dir() else 0o666)

    code, log = finish(image.start("train", base_dir, **USERS[user]))
    assert code == 0, log
    options = {"ports": {"8080/tcp": ("127.0.0.1", None)}, **USERS[user]}
    container = image.start("serve", base_dir, **options)
    container.reload()
    url = f"http://127.0.0.1:{container.ports['8080/tcp'][0]['HostPort']}"
    wait_until_ready(url, lambda: container.logs().decode())
    payload = (project.path / "payload.json").read_bytes()
    assert ask(url, "/invocations", payload, Content_Type="application/json")[0] == 200
    script = "cat src/labels.txt && './src/say hello.sh'"
    assert container.exec_run(["sh", "-c", script]).output == DATA + b"hello\n"
    container.stop(timeout=300)
    code, log = finish(container)
    assert code == 0, log


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("RUN chmod 700 src/container", "Permission denied"),
        ("RUN chmod 600 src/trainer.py", "trainer.py' for reading: Permission denied"),
        ("RUN sed -i 's/$/\\r/' src/container/executor.sh", "bash\\r"),
        ("RUN rm -r /opt/venv/lib/python*/site-packages/pydantic", "No module named 'pydantic'"),
    ],
)
def test_does_not_start(project: Project, tmp_path: Path, line: str, reason: str) -> None:
    """A build that makes an image which cannot start fails, and shows what the start printed."""
    result = build_with(line, project, tmp_path)

    assert result.returncode == 1
    end = result.stdout.rpartition(f"{NAME}:changed was built and does not start")[2]
    assert reason in end, result.stdout
    assert "for every user to read" in end
    assert "Train in it" not in result.stdout


@pytest.mark.parametrize("line", ['ENTRYPOINT ["false"]', "RUN echo > /usr/bin/tini"])
def test_not_started(project: Project, tmp_path: Path, line: str) -> None:
    """No entry point of the owner's, which may take no commands, and none of another processor."""
    result = build_with(line, project, tmp_path)

    assert result.returncode == 0, result.stdout
    assert "Train in it" in result.stdout


def build_with(line: str, project: Project, folder: Path) -> subprocess.CompletedProcess[str]:
    """Build the image with one more line at the end of its Dockerfile."""
    dockerfile = folder / "Dockerfile"
    text = (project.path / "src" / "container" / "Dockerfile").read_text("utf-8")
    dockerfile.write_text(f"{text}{line}\n", "utf-8")
    return build(project.path, "--tag", "changed", "--file", str(dockerfile))
