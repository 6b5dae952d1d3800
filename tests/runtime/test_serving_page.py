"""The page `docs/serving.md`: what it shows as code serves, what it names exists."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request

import pytest

from tests.runtime.serving import serve
from tests.runtime.workspace import CONTAINER, ROOT, TIMEOUT, Workspace

PAGE = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"```python\n# src/prediction.py, (\w+)\n(.*?)```", PAGE, re.DOTALL))


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
    workspace.write("src/prediction.py", BLOCKS[name])
    (workspace.base_dir / "model").mkdir()

    run = serve(workspace)
    run.wait_for("Listening at: ")
    headers = {"Content-Type": "text/csv", "Accept": "application/json"}
    request = urllib.request.Request(f"{run.address}/invocations", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
            told = json.loads(response.read())
    except urllib.error.HTTPError as error:
        with error:
            told = json.loads(error.read())["error"]

    assert told.startswith(answer) if isinstance(answer, str) else told == answer


def test_variables_and_metrics_exist() -> None:
    """Each variable and each metric of the page is one of the runtime's."""
    code = "\n".join(path.read_text("utf-8") for path in CONTAINER.rglob("*.py"))
    told = set(re.findall(r"(?:MLDOCK|SAGEMAKER)_[A-Z_]+[A-Z]|mldock_\w+", PAGE))

    assert len(told) > 10
    assert {name for name in told if name not in code} == set()
