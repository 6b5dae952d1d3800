"""What is imported before a server is ready: as little as possible, since clients wait for it."""

from __future__ import annotations

import subprocess
import sys

import mldock.serving
import pytest

SLOW = {"boto3", "flask", "jinja2", "numpy", "orjson", "pydantic", "tqdm", "uvicorn"}


@pytest.mark.parametrize(
    "statement",
    [
        "from mldock import ServingLifecycle, TrainingLifecycle, log_metric",
        "from mldock.serving import Server",
        "import mldock.training",
    ],
)
def test_imports_nothing_slow(statement: str) -> None:
    """The first process of a server starts without what only its workers need."""
    code = f"{statement}; import sys; print(*sorted({SLOW} & sys.modules.keys()))"

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert (result.stdout.strip(), result.stderr) == ("", "")


def test_unknown_name() -> None:
    """A name that a package does not have is an error as everywhere."""
    with pytest.raises(AttributeError, match=r"'mldock.serving' has no attribute 'Sever'"):
        mldock.serving.Sever  # type: ignore[attr-defined] # noqa: B018
