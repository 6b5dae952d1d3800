"""The pages `docs/lifecycle.md` and `docs/serving.md`: their code runs, what they name exists."""

from __future__ import annotations

import json
import re

import pytest

from tests.mldock.serving import exchange, serve
from tests.mldock.workspace import PACKAGE, ROOT, Workspace

PAGES = {
    name: (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    for name in ("lifecycle", "serving")
}
SERVICES = dict(
    re.findall(r"```python\n# src/prediction.py, (\w+)\n(.*?)```", PAGES["serving"], re.DOTALL)
)


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
