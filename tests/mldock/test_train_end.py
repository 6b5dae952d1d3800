"""A job ends: what its trainer leaves alive is named and ended, and the result counts."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.mldock.workspace import Run, Workspace

BEGUN = '(environment.base_dir / f"begun-{os.getpid()}").touch()\n'

IMPORTS = """\
import multiprocessing
import signal
import subprocess
import threading
from concurrent.futures import ProcessPoolExecutor


def work(folder):
    (folder / f"begun-{os.getpid()}").touch()
    time.sleep(600)


def work_deaf(folder):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    work(folder)


def work_in_child(folder):
    child = multiprocessing.Process(target=work_deaf, args=[folder])
    child.start()
    child.join()


def start(target, folder):
    child = multiprocessing.Process(target=target, args=[folder])
    child.start()
    while not list(folder.glob("begun-*")):
        time.sleep(0.01)
    return child


def fork_again(folder):
    script = f"(touch {folder}/begun-$BASHPID; exec -a deaf-sleep sleep 600) & wait"
    return subprocess.Popen(["bash", "-c", f"trap '' TERM; {script}"])

"""

# What train() does, of which something is alive when it is asked to stop.
STOPPED = {
    "pool": """
        with ProcessPoolExecutor(2) as pool:
            list(pool.map(work, [environment.base_dir] * 2))
        """,
    "process": "start(work, environment.base_dir).join()",
    "spawned": """
        multiprocessing.set_start_method("spawn")
        start(work, environment.base_dir).join()
        """,
    "deaf": "start(work_deaf, environment.base_dir).join()",
    "deaf pool": """
        with ProcessPoolExecutor(2) as pool:
            list(pool.map(work_deaf, [environment.base_dir] * 2))
        """,
    "grandchild": "start(work_in_child, environment.base_dir).join()",
    "program": "with fork_again(environment.base_dir) as program:\n    program.wait()",
    "thread": """
        threading.Thread(target=work, args=[environment.base_dir], name="writer").start()
        time.sleep(600)
        """,
}


def write(workspace: Workspace, body: str) -> None:
    """Write a trainer that may start processes."""
    workspace.write_trainer(body)
    trainer = workspace.src / "trainer.py"
    trainer.write_text(
        trainer.read_text("utf-8").replace("class Hyper", f"{IMPORTS}\nclass Hyper", 1), "utf-8"
    )


def pids(workspace: Workspace) -> list[int]:
    """Return the processes that work, or have worked."""
    return [int(path.name.partition("-")[2]) for path in workspace.base_dir.glob("begun-*")]


def begun(run: Run, workspace: Workspace) -> list[int]:
    """Return the processes that work, once one of them does."""
    while not pids(workspace):
        assert run.process.poll() is None, run.log
        time.sleep(0.02)
    return pids(workspace)


def is_running(pid: int) -> bool:
    """Return whether a process runs."""
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rpartition(") ")[2][0] != "Z"


@pytest.mark.parametrize("what", STOPPED)
def test_stop_reaches_all(workspace: Workspace, what: str) -> None:
    """A job whose trainer waits for others is stopped, not failed, and none of them is left."""
    write(workspace, STOPPED[what])
    run = workspace.start("train", MLDOCK_STOP_GRACE="9", MLDOCK_STOPPED_EXIT_CODE="")
    working = begun(run, workspace)
    run.terminate()

    assert run.wait() == 143, run.log
    assert workspace.failure == ""
    assert "Traceback" not in run.log
    assert not any(map(is_running, working))
    if "deaf" in what or what == "grandchild":
        assert any(f"process {pid} (" in run.log for pid in working)
    if what == "thread":
        assert "thread 'writer'" in run.log


def test_children_of_one_that_saves(workspace: Workspace) -> None:
    """Workers that end with the trainer are there as long as it saves what it has."""
    write(
        workspace,
        """
        child = multiprocessing.Process(target=work, args=[environment.base_dir], daemon=True)
        child.start()
        try:
            time.sleep(600)
        except StopRequested:
            time.sleep(3)
            (environment.model_dir / str(child.is_alive())).touch()
            raise
        """,
    )
    run = workspace.start("train", MLDOCK_STOP_GRACE="9")
    begun(run, workspace)
    run.terminate()

    assert run.wait() == 0, run.log
    assert (workspace.base_dir / "model" / "True").is_file()


RETURNED = {
    "thread": 'threading.Thread(target=work, args=[environment.base_dir], name="writer").start()',
    "process": "start(work_deaf, environment.base_dir)",
    "program": "fork_again(environment.base_dir)",
}


@pytest.mark.parametrize("end", ["", "\nraise ValueError('the loss is NaN')"], ids=["ok", "error"])
@pytest.mark.parametrize("what", RETURNED)
def test_what_outlives_train(workspace: Workspace, what: str, end: str) -> None:
    """It is named, and ended after its time; the exit code is that of `train`."""
    wait = "\nwhile not list(environment.base_dir.glob('begun-*')): time.sleep(0.01)"
    write(workspace, RETURNED[what] + wait + end)
    run = workspace.train(MLDOCK_EXIT_TIMEOUT="2")
    (pid,) = pids(workspace)

    assert run.wait() == bool(end), run.log
    assert workspace.failure.startswith("ValueError" if end else "")
    assert ("thread 'writer'" if what == "thread" else f"process {pid} (") in run.log
    assert not is_running(pid)


def test_what_ends_in_time(workspace: Workspace) -> None:
    """What the trainer still writes after its return is part of the model."""
    write(
        workspace,
        """
        def save():
            time.sleep(1)
            (environment.model_dir / "weights").touch()

        threading.Thread(target=save).start()
        """,
    )
    run = workspace.train()

    assert run.wait() == 0, run.log
    assert (workspace.base_dir / "model" / "weights").is_file()


def test_stop_after_the_return(workspace: Workspace) -> None:
    """A job whose trainer has returned is complete, though a thread of it is ended."""
    write(workspace, RETURNED["thread"])
    run = workspace.start("train", MLDOCK_STOP_GRACE="3", MLDOCK_STOPPED_EXIT_CODE="")
    begun(run, workspace)
    time.sleep(0.5)
    run.terminate()

    assert run.wait() == 0, run.log


def test_trainer_that_is_killed(workspace: Workspace) -> None:
    """Its children do not outlive it."""
    write(workspace, "start(work_deaf, environment.base_dir)\nos.kill(os.getpid(), 9)")
    run = workspace.train()
    working = pids(workspace)

    assert run.wait() == 1
    assert workspace.failure.startswith("the trainer was killed by SIGKILL")
    assert working
    assert not any(map(is_running, working))


def test_import_that_leaves_a_thread(workspace: Workspace) -> None:
    """A trainer that fails before it could train, and leaves a thread, ends too."""
    workspace.write_trainer("pass")
    trainer = workspace.src / "trainer.py"
    thread = "threading.Thread(target=time.sleep, args=[600], name='loader').start()"
    trainer.write_text(f"import threading, time\n{thread}\nraise ValueError('no')\n", "utf-8")

    run = workspace.train(MLDOCK_EXIT_TIMEOUT="2")

    assert run.wait() == 1
    assert workspace.failure.startswith("ValueError: no")
    assert "thread 'loader'" in run.log


def test_import_that_ends_the_process(workspace: Workspace) -> None:
    """A trainer that dies before it could train, and leaves a program, keeps nobody waiting."""
    workspace.write_trainer("pass")
    text = "import os\nos.system('sleep 600 &')\nos._exit(5)\n"
    (workspace.src / "trainer.py").write_text(text, "utf-8")

    run = workspace.train()

    assert run.wait() == 1
    assert workspace.failure.startswith("the trainer ended with 5.")


def test_manager_of_one_that_saves(workspace: Workspace) -> None:
    """What a Manager holds is there for a trainer that saves it."""
    write(
        workspace,
        """
        with multiprocessing.Manager() as manager:
            losses = manager.list([0.5])
            try:
                (environment.base_dir / f"begun-{os.getpid()}").touch()
                time.sleep(600)
            except StopRequested:
                (environment.model_dir / str(losses[0])).touch()
                raise
        """,
    )
    run = workspace.start("train")
    begun(run, workspace)
    run.terminate()

    assert run.wait() == 0, run.log
    assert (workspace.base_dir / "model" / "0.5").is_file()
