"""A training that is stopped while the workers of a DataLoader load its batches."""

from __future__ import annotations

from pathlib import Path

from tests.mldock.workspace import Workspace

IMPORTS = """\
import torch
from torch.utils.data import DataLoader


class Rows(torch.utils.data.Dataset):
    def __len__(self):
        return 10**6

    def __getitem__(self, row):
        time.sleep(0.01)
        return row

"""

BODY = """
try:
    for batch in DataLoader(Rows(), batch_size=2, num_workers=2, persistent_workers=True):
        (environment.base_dir / "training").touch()
except StopRequested:
    time.sleep(3)
    torch.save({}, environment.model_dir / "last.pt")
    raise
"""


def test_stop(tmp_path: Path) -> None:
    """It saves what it has; that its workers end is not taken for a failure."""
    workspace = Workspace(tmp_path)
    workspace.write_trainer(BODY)
    path = workspace.src / "trainer.py"
    text = path.read_text("utf-8")
    path.write_text(text.replace("class Hyper", f"{IMPORTS}\nclass Hyper", 1), "utf-8")
    run = workspace.start("train", MLDOCK_STOP_GRACE="9")
    try:
        run.wait_for(workspace.base_dir / "training")
        run.terminate()

        assert run.wait() == 0, run.log
        assert workspace.failure == ""
        assert (workspace.base_dir / "model" / "last.pt").is_file()
    finally:
        workspace.end()
