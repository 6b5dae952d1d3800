"""executor.sh: the entry point and its two names."""

from __future__ import annotations

import shutil

import pytest

from tests.runtime.workspace import CONTAINER, Workspace


@pytest.mark.parametrize("command", [(), ("",), ("run",), ("--help",)], ids=str)
def test_other_command_is_explained(workspace: Workspace, command: tuple[str, ...]) -> None:
    """Anything but train and serve is refused with the two that there are."""
    run = workspace.start(*command)

    assert run.wait() == 64
    assert "Use: executor.sh train, or executor.sh serve." in run.log


@pytest.mark.parametrize("arguments", [(), ("serve",)], ids=str)
def test_link_called_train_trains(workspace: Workspace, arguments: tuple[str, ...]) -> None:
    """A platform that looks for `train` on PATH finds a link, which needs no argument."""
    (workspace.src / "container").unlink()
    # The image has no link here: the code lies beside the container.
    shutil.copytree(CONTAINER, workspace.src / "container")
    workspace.write_trainer("pass")
    link = workspace.path / "train"
    link.symlink_to(workspace.executor)
    workspace.executor = link

    run = workspace.start(*arguments)

    assert run.wait() == 0, run.log


def test_caller_keeps_its_modules(workspace: Workspace) -> None:
    """The person's own PYTHONPATH stays, behind src."""
    workspace.write_trainer("import extra, sys\nassert extra.value == 1")
    library = workspace.path / "library"
    library.mkdir()
    (library / "extra.py").write_text("value = 1")
    (library / "trainer.py").write_text("raise RuntimeError('the wrong trainer')")

    run = workspace.train(PYTHONPATH=str(library))

    assert run.wait() == 0, run.log
