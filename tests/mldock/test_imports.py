"""`python -m mldock.imports`: what the build of an image says of imports that fail."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

# As any user: root would give up its rights, and with them the folders of pytest.
PROGRAM = """
import os, pathlib, sys
from mldock import imports
os.getuid = lambda: 1000
if "IMAGE" in os.environ:
    imports.IMAGE = pathlib.Path.cwd()
sys.exit(imports.main())
"""
LACKING = "cannot open shared object file: No such file or directory"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project without a trainer, with a package `boosting` that fails."""
    for name in ("src/container/__init__.py", "site-packages/boosting/__init__.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.touch()
    (tmp_path / "src" / "trainer.py").write_text("import boosting\n", "utf-8")
    return tmp_path


def run(project: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Import the trainer as the build of an image does."""
    path = os.pathsep.join([str(project / "src"), str(project / "site-packages")])
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, "trainer"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": path, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def write_package(project: Path, code: str) -> None:
    """Write what the package does when it is imported."""
    (project / "site-packages/boosting/__init__.py").write_text(dedent(code), "utf-8")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (
            f"raise OSError('libgomp.so.1: {LACKING}')",
            "libgomp.so.1 is not in the image, and boosting needs it: add libgomp1 to src/apt.txt.",
        ),
        # Debian's releases have two names for its package; the older one leads to both.
        (
            f"raise ImportError('libglib-2.0.so.0: {LACKING}')",
            "libglib-2.0.so.0 is not in the image, and boosting needs it: "
            "add libglib2.0-0 to src/apt.txt.",
        ),
        # As XGBoost quotes what it has caught.
        (
            f"raise ValueError(\"could not be loaded: ['libgomp.so.1: {LACKING}']\")",
            "libgomp.so.1 is not in the image, and boosting needs it: add libgomp1 to src/apt.txt.",
        ),
        # As soundfile hides what it has caught.
        (
            f"""
            try:
                raise OSError("cannot load library 'libsndfile.so.1': libsndfile.so.1: {LACKING}")
            except OSError:
                raise RuntimeError("no sound")
            """,
            "libsndfile.so.1 is not in the image, and boosting needs it: "
            "add libsndfile1 to src/apt.txt.",
        ),
        # A real one, through ctypes; the name of its package is a guess.
        (
            "import ctypes; ctypes.CDLL('libNowhere2.so.7')",
            "libNowhere2.so.7 is not in the image, and boosting needs it: add the package that "
            "holds it to src/apt.txt (apt-file search libNowhere2.so.7; often libnowhere2-7).",
        ),
        (
            "import PIL_of_nobody.Image",
            "PIL_of_nobody is not installed, and boosting needs it: "
            "add PIL_of_nobody to src/requirements.txt.",
        ),
        (
            "import cv2",
            "cv2 is not installed, and boosting needs it: "
            "add opencv-python-headless to src/requirements.txt.",
        ),
    ],
    ids=["gomp", "glib", "quoted", "hidden", "unknown", "package", "distribution"],
)
def test_missing(project: Path, code: str, reason: str) -> None:
    """One line says what is missing, who needs it and where to add it."""
    write_package(project, code)

    result = run(project, IMAGE="yes")

    assert (result.returncode, result.stdout) == (1, f"{reason}\n")


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("import os; os.environ['TOKEN']", ["KeyError: 'TOKEN'"]),
        ("def train(:", ['site-packages/boosting/__init__.py", line 1', "SyntaxError: "]),
        ("import email.nothing", ["ModuleNotFoundError: No module named 'email.nothing'"]),
        ("import sys; sys.exit(3)", ["SystemExit: 3"]),
        # 192.0.2.1 is nobody's; a machine with a network would wait for it.
        (
            "import socket; socket.create_connection(('192.0.2.1', 80))",
            ["OSError: [Errno 101] Network is unreachable"],
        ),
    ],
    ids=["variable", "syntax", "submodule", "exit", "network"],
)
def test_other_failures(project: Path, code: str, lines: list[str]) -> None:
    """The file of the project, the place that failed, the reason and what to do about it."""
    write_package(project, code)

    result = run(project)

    assert result.returncode == 1
    for line in ('src/trainer.py", line 1, in <module>', *lines):
        assert line in result.stdout
    assert "trainer cannot be imported" in result.stdout
    assert "mldock/imports.py" not in result.stdout
    assert "importlib" not in result.stdout


def test_killed(project: Path) -> None:
    """A library that this processor cannot run ends the build, too."""
    write_package(project, "import os, signal; os.kill(os.getpid(), signal.SIGILL)")

    result = run(project)

    assert result.returncode == 1
    assert "killed by SIGILL" in result.stdout
    assert 'site-packages/boosting/__init__.py", line 1 in <module>' in result.stdout


@pytest.mark.parametrize(
    "code",
    [
        "",
        # What works without a package that would make it faster is left alone.
        "try:\n    import nothing_faster\nexcept ImportError:\n    pass",
        # No builder has the driver of a GPU.
        f"raise ImportError('libcuda.so.1: {LACKING}')",
    ],
    ids=["whole", "optional", "driver"],
)
def test_not_missing(project: Path, code: str) -> None:
    """The build goes on."""
    write_package(project, code)

    result = run(project)

    assert result.returncode == 0, result.stdout
    assert ("libcuda" in result.stdout) == ("libcuda" in code)
