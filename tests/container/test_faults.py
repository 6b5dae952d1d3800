"""Faults that a machine makes: the exit code, the reason, and what is saved all the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from docker.types import Mount

from tests.container.conftest import Image
from tests.container.test_lifecycle import TRAINER, finish

pytestmark = pytest.mark.docker

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


@pytest.fixture
def base_dir(image: Image, tmp_path: Path) -> Path:
    """Return a directory for `/opt/ml`."""
    return image.make_base_dir(tmp_path / "ml", channels=False)


@pytest.fixture
def trainer(tmp_path: Path) -> Path:
    """Return where the trainer of a test is written."""
    return tmp_path / "trainer.py"


def failure(base_dir: Path) -> str:
    """Return the first line of the failure file."""
    return (base_dir / "output" / "failure").read_text(encoding="utf-8").splitlines()[0]


def small_disk(path: str) -> Mount:
    """Return a disk of one megabyte."""
    return Mount(path, None, type="tmpfs", tmpfs_size=2**20)


def test_full_disk(image: Image, base_dir: Path, trainer: Path) -> None:
    """A trainer that fills the disk of the model: the outputs, on another one, are saved."""
    trainer.write_text(FILL_DISK, encoding="utf-8")
    (base_dir / "kept").mkdir()

    code, log = finish(
        image.start(
            "train",
            base_dir,
            trainer,
            mounts=[small_disk("/opt/ml/model")],
            environment={"MLDOCK_OUTPUT_CHANNEL_DATA": "/opt/ml/kept"},
        )
    )

    assert code == 1, log
    assert failure(base_dir) == "OSError: [Errno 28] No space left on device"
    assert (base_dir / "kept" / "log").read_text() == "kept"


def test_reason_is_told_on_a_full_disk(image: Image, base_dir: Path, trainer: Path) -> None:
    """Where model and failure file share the disk, there is still room for the reason."""
    trainer.write_text(FILL_DISK.replace("model_dir", "output_dir"), encoding="utf-8")
    shown = "/bin/sh -c 'train; echo file:; cat /opt/ml/output/failure'"
    container = image.start(
        None, base_dir, trainer, mounts=[small_disk("/opt/ml/output")], entrypoint=shown
    )

    _, log = finish(container)

    assert "\nfile:\nOSError: [Errno 28] No space left on device\n" in log


def test_data_larger_than_the_disk(image: Image, base_dir: Path, trainer: Path) -> None:
    """It is told before anything is fetched."""
    trainer.write_text(SAVE, encoding="utf-8")
    (base_dir / "big").write_bytes(bytes(2 * 2**20))

    code, log = finish(
        image.start(
            "train",
            base_dir,
            trainer,
            mounts=[small_disk("/opt/ml/input/data")],
            environment={"MLDOCK_INPUT_CHANNEL_BIG": "/opt/ml/big"},
        )
    )

    assert code == 1, log
    assert failure(base_dir).startswith("MLDOCK_INPUT_CHANNEL_BIG=/opt/ml/big: it has 2,097,152 b")
    assert "has room for 1,048,576. Give it more space." in failure(base_dir)


def test_read_only_model(image: Image, base_dir: Path, trainer: Path) -> None:
    """A model that cannot be written is the failure, and the outputs are saved."""
    trainer.write_text(SAVE, encoding="utf-8")
    model = str(base_dir / "model")

    code, log = finish(
        image.start(
            "train",
            base_dir,
            trainer,
            mounts=[Mount("/opt/ml/model", model, type="bind", read_only=True)],
            environment={"MLDOCK_OUTPUT_CHANNEL_DATA": "/opt/ml/kept"},
        )
    )

    assert code == 1, log
    assert failure(base_dir) == "OSError: [Errno 30] Read-only file system: '/opt/ml/model/net'"
    assert (base_dir / "kept" / "log").read_text() == "kept"


def test_killed_for_want_of_memory(image: Image, base_dir: Path, trainer: Path) -> None:
    """The kernel kills the trainer; the job outlives it, tells why and saves what there is."""
    trainer.write_text(FILL_MEMORY, encoding="utf-8")

    code, log = finish(
        image.start(
            "train",
            base_dir,
            trainer,
            mem_limit="256m",
            memswap_limit="256m",
            environment={
                "MLDOCK_OUTPUT_CHANNEL_DATA": "/opt/ml/kept",
                "MLDOCK_MODEL_OUTPUT_CHANNEL_NET": "/opt/ml/models/net",
            },
        )
    )

    assert code == 1, log
    assert failure(base_dir).startswith("the trainer was killed by SIGKILL, as happens where mem")
    assert (base_dir / "kept" / "log").read_text() == "kept"
    assert (base_dir / "models" / "net.failed" / "weights").read_text() == "0.5"
