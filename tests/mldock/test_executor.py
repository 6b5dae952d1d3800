"""executor.sh: the entry point and its two names."""

from __future__ import annotations

import pytest

from tests.mldock.workspace import Workspace


@pytest.mark.parametrize("command", [(), ("--help",)], ids=str)
def test_other_command_is_explained(workspace: Workspace, command: tuple[str, ...]) -> None:
    """Anything but train and serve is refused with the two that there are."""
    run = workspace.start(*command)

    assert run.wait() == 64
    assert "Use: executor.sh train, or executor.sh serve." in run.log


def test_program_is_run(workspace: Workspace) -> None:
    """As SageMaker's SDK does it, which cleans up by the image's chmod."""
    file = workspace.path / "a file"
    file.touch(0o600)

    assert workspace.start("chmod", "777", str(file)).wait() == 0
    assert file.stat().st_mode & 0o777 == 0o777


def test_variable_with_a_dash_arrives(workspace: Workspace) -> None:
    """A channel may have any name of SageMaker's, though not every shell passes its variable on."""
    (workspace.path / "iris.csv").write_text("1,2")
    workspace.write_trainer(
        "environment.channel('my-data.2').rename(environment.model_dir / 'my-data.2')"
    )

    run = workspace.train(
        **{
            "MLDOCK_INPUT_CHANNEL_my-data.2": str(workspace.path / "iris.csv"),
            "MLDOCK_OUTPUT_MODEL_CHANNEL_my-data.2": str(workspace.path / "kept"),
        }
    )

    assert run.wait() == 0, run.log
    assert (workspace.path / "kept" / "iris.csv").read_text() == "1,2"


def test_caller_keeps_its_modules(workspace: Workspace) -> None:
    """The person's own PYTHONPATH stays, behind src."""
    workspace.write_trainer("import extra, sys\nassert extra.value == 1")
    library = workspace.path / "library"
    library.mkdir()
    (library / "extra.py").write_text("value = 1")
    (library / "trainer.py").write_text("raise RuntimeError('the wrong trainer')")

    run = workspace.train(PYTHONPATH=str(library))

    assert run.wait() == 0, run.log
