"""Faults that a machine makes: the exit code, the reason, and what is saved all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docker.types import Mount

from tests.container.conftest import Image
from tests.container.test_lifecycle import TRAINER, finish

pytestmark = [
    pytest.mark.docker,
    pytest.mark.parametrize("image", ["generic"], indirect=True),
]

SAVE = f"""{TRAINER}
    (environment.output_data_dir / "log").write_text("kept")
    (environment.model_dir / "net").mkdir()
    (environment.model_dir / "net" / "weights").write_text("0.5")
"""

FILL_DISK = f"""{SAVE}
    with (environment.model_dir / "net" / "weights").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(2**9))
"""

FILL_MEMORY = f"""{SAVE}
    rows = [bytearray(b"x" * 2**20) for _ in range(2**13)]
"""

Fail = Callable[..., str]


@pytest.fixture
def base_dir(image: Image, tmp_path: Path) -> Path:
    """Return a directory for `/opt/ml`."""
    return image.make_base_dir(tmp_path / "ml", channels=False)


@pytest.fixture
def fail(image: Image, base_dir: Path, tmp_path: Path) -> Fail:
    """Return what runs a trainer that fails, and returns the first line of the failure file."""

    def run(trainer: str, *mounts: Mount, variables: dict[str, str], **options: Any) -> str:
        path = tmp_path / "trainer.py"
        path.write_text(trainer, encoding="utf-8")
        options |= {"mounts": [*mounts], "environment": variables}
        code, log = finish(image.start("train", base_dir, path, **options))
        assert code == 1, log
        return (base_dir / "output" / "failure").read_text(encoding="utf-8").splitlines()[0]

    return run


def small_disk(path: str) -> Mount:
    """Return a disk of one megabyte."""
    return Mount(path, None, type="tmpfs", tmpfs_size=2**20)


KEPT = {"MLDOCK_OUTPUT_CHANNEL_DATA": "/opt/ml/kept"}


def test_full_disk(base_dir: Path, fail: Fail) -> None:
    """A trainer that fills the disk of the model: the outputs, on another one, are saved."""
    (base_dir / "kept").mkdir()

    reason = fail(FILL_DISK, small_disk("/opt/ml/model"), variables=KEPT)

    assert reason == "OSError: [Errno 28] No space left on device"
    assert (base_dir / "kept" / "log").read_text() == "kept"


def test_reason_is_told_on_a_full_disk(image: Image, base_dir: Path, tmp_path: Path) -> None:
    """Where model and failure file share the disk, there is still room for the reason."""
    trainer = tmp_path / "trainer.py"
    trainer.write_text(FILL_DISK.replace("model_dir", "output_dir"), encoding="utf-8")
    shown = "/bin/sh -c 'train; echo file:; cat /opt/ml/output/failure'"
    disk = small_disk("/opt/ml/output")
    container = image.start(None, base_dir, trainer, mounts=[disk], entrypoint=shown)

    _, log = finish(container)

    assert "\nfile:\nOSError: [Errno 28] No space left on device\n" in log


def test_data_larger_than_the_disk(base_dir: Path, fail: Fail) -> None:
    """It is told before anything is fetched."""
    (base_dir / "big").write_bytes(bytes(2 * 2**20))
    big = {"MLDOCK_INPUT_CHANNEL_BIG": "/opt/ml/big"}

    reason = fail(SAVE, small_disk("/opt/ml/input/data"), variables=big)

    assert reason.startswith("MLDOCK_INPUT_CHANNEL_BIG=/opt/ml/big: it has 2,097,152 b")
    assert "has room for 1,048,576. Give it more space." in reason


def test_read_only_model(base_dir: Path, fail: Fail) -> None:
    """A model that cannot be written is the failure, and the outputs are saved."""
    mount = Mount("/opt/ml/model", str(base_dir / "model"), type="bind", read_only=True)

    reason = fail(SAVE, mount, variables=KEPT)

    assert reason == "OSError: [Errno 30] Read-only file system: '/opt/ml/model/net'"
    assert (base_dir / "kept" / "log").read_text() == "kept"


def test_model_that_is_only_read(image: Image, base_dir: Path, tmp_path: Path) -> None:
    """A trainer that saves no model may have one that nobody can change."""
    trainer = tmp_path / "trainer.py"
    trainer.write_text(TRAINER + "    assert (environment.model_dir / 'net').exists()\n", "utf-8")
    (base_dir / "model" / "net").touch()
    mount = Mount("/opt/ml/model", str(base_dir / "model"), type="bind", read_only=True)

    code, log = finish(image.start("train", base_dir, trainer, mounts=[mount]))

    assert code == 0, log


def test_disk_inside_of_the_model(image: Image, base_dir: Path, tmp_path: Path) -> None:
    """What cannot be moved stays where it is, as does all beside it, and the log says so."""
    trainer, disk = tmp_path / "trainer.py", base_dir / "disk"
    trainer.write_text(SAVE.replace("mkdir()", "mkdir(exist_ok=True)"), encoding="utf-8")
    disk.mkdir()
    (base_dir / "model" / "labels").touch()
    mount = Mount("/opt/ml/model/net", str(disk), type="bind")

    code, log = finish(image.start("train", base_dir, trainer, mounts=[mount]))

    assert code == 0, log
    assert "the last model cannot be moved aside; a failed run may write over it" in log
    assert (disk / "weights").read_text() == "0.5"
    assert (base_dir / "model" / "labels").exists()


def test_killed_for_want_of_memory(base_dir: Path, fail: Fail) -> None:
    """The kernel kills the trainer; the job outlives it, tells why and saves what there is."""
    variables = {**KEPT, "MLDOCK_MODEL_OUTPUT_CHANNEL_NET": "/opt/ml/models/net"}

    reason = fail(FILL_MEMORY, variables=variables, mem_limit="256m", memswap_limit="256m")

    assert reason.startswith("the trainer was killed by SIGKILL, as happens where mem")
    assert (base_dir / "kept" / "log").read_text() == "kept"
    assert (base_dir / "models" / "net.failed" / "weights").read_text() == "0.5"
