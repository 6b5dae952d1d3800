"""The page `docs/lifecycle.md`: what it shows as code runs, what it names exists."""

from __future__ import annotations

import functools
import json
import re
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.runtime.serving import ask, serve, with_model
from tests.runtime.workspace import CONTAINER, ROOT, SAVE, Workspace, assets

PAGE = (ROOT / "docs" / "lifecycle.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n# ([^\n]+)\n(.*?)```", PAGE, re.DOTALL)
ASSETS = [text for title, text in BLOCKS if title == "src/container/assets.py"]


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """Return the address of a web server with a file."""
    folder = tmp_path / "web"
    folder.mkdir()
    (folder / "iris flowers.csv").write_text("1,2\n" * 1000)
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_platform(workspace: Workspace, web: str) -> None:
    """A subclass with one method brings the file of a web server, once."""
    workspace.write_assets(assets() + ASSETS[0])
    workspace.write_trainer("""
        (file,) = environment.channel("iris").iterdir()
        assert (file.name, file.read_text()) == ("iris flowers.csv", "1,2\\n" * 1000)
    """)
    channel = {"MLDOCK_INPUT_CHANNEL_IRIS": f"{web}/iris%20flowers.csv"}

    first, second = workspace.train(**channel), workspace.train(**channel)

    assert (first.wait(), second.wait()) == (0, 0), first.log
    assert "1 files fetched, 4000 bytes; 0 were there" in first.log
    assert "0 files fetched, 0 bytes; 1 were there" in second.log


def test_platform_that_fails(workspace: Workspace, web: str) -> None:
    """Its errors are told like those of the platforms that come along, and it cannot be written."""
    workspace.write_assets(assets() + ASSETS[0])
    workspace.write_trainer(SAVE)

    assert workspace.train(MLDOCK_INPUT_CHANNEL_IRIS=f"{web}/none.csv").wait() == 1
    assert "none.csv: HTTPError: HTTP Error 404: File not found. Correct the" in workspace.failure
    assert workspace.train(MLDOCK_MODEL_OUTPUT_CHANNEL_NET=f"{web}/net").wait() == 1
    assert "this platform is only read from" in workspace.failure


def test_startup_and_cleanup(workspace: Workspace) -> None:
    """What is added runs around the trainer, and what it writes is uploaded."""
    data = workspace.base_dir / "input" / "data" / "training"
    data.mkdir(parents=True)
    (data / "1.csv").touch()
    workspace.write_assets(ASSETS[1])
    workspace.write_trainer("assert os.environ['TRAINING_FILES'] == '1'\nraise OSError")

    run = workspace.train(MLDOCK_OUTPUT_CHANNEL_DATA=str(workspace.path / "kept"))

    assert run.wait() == 1, run.log
    card = json.loads((workspace.path / "kept" / "card.json").read_text())
    assert card == {"outcome": "failed", "stage": None}


def test_workers(workspace: Workspace) -> None:
    """Each worker has a connection of its own, and closes it."""
    with_model(workspace).write_assets(ASSETS[2])
    run = serve(workspace)
    assert ask(run, "/ping")[0] == 200
    assert (workspace.base_dir / "features.db").exists()
    run.terminate()

    assert run.wait() == 0, run.log
    assert "Traceback" not in run.log


def test_variables_exist() -> None:
    """Each variable of the page is read by the runtime."""
    code = "\n".join(path.read_text("utf-8") for path in CONTAINER.rglob("*.py"))
    told = {name.rstrip("_") for name in re.findall(r"MLDOCK_[A-Z_]+", PAGE)}

    assert told
    assert {name for name in told if name not in code} == set()
