"""The pages `docs/lifecycle.md` and `docs/serving.md`: their code runs, what they name exists."""

from __future__ import annotations

import functools
import json
import re
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.runtime.serving import ask, exchange, serve, with_model
from tests.runtime.workspace import PACKAGE, ROOT, Workspace, assets

PAGES = {
    name: (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    for name in ("lifecycle", "serving")
}
ASSETS = re.findall(
    r"```python\n# src/container/assets.py\n(.*?)```", PAGES["lifecycle"], re.DOTALL
)
SERVICES = dict(
    re.findall(r"```python\n# src/prediction.py, (\w+)\n(.*?)```", PAGES["serving"], re.DOTALL)
)


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


@pytest.mark.parametrize(
    ("name", "body", "answer"),
    [
        ("numbers", b"area,rooms,year\n82.5,4,\n", [{"price": 205000.0}]),
        ("rows", b'What a pleasant surprise.,en\n"",en\n', "row 2, text"),
        ("rows", b"How pleasant,en\n", [{"mood": "good"}]),
        ("parts", b"hello\n", {"token": "hello"}),
    ],
)
def test_services_answer(workspace: Workspace, name: str, body: bytes, answer: object) -> None:
    """Each of the three kinds serves as it stands there."""
    workspace.write("src/prediction.py", SERVICES[name])
    (workspace.base_dir / "model").mkdir()

    headers = {"Content-Type": "text/csv", "Accept": "application/json"}
    reply = exchange(serve(workspace), "/invocations", body, headers)

    if isinstance(answer, str):
        assert reply.error.startswith(answer)
    else:
        assert json.loads(reply.body) == answer


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_variables_and_metrics_exist(page: str) -> None:
    """Each variable and each metric of a page is one of the runtime's."""
    code = "\n".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py"))
    told = set(re.findall(r"(?:MLDOCK|SAGEMAKER)_[A-Z_]+[A-Z]|mldock_\w+", page))

    assert told
    assert {name for name in told if name not in code} == set()
