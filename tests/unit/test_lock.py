"""Which requirements of the image the lock does not satisfy."""

from __future__ import annotations

from pathlib import Path

import pytest
from mldock.cli.lock import unlocked

LOCK = """# Written by nox -s lock
numpy==2.3.1 ; python_full_version < '3.12'
numpy==2.4.6 ; python_full_version >= '3.12'
scikit-learn==1.8.0rc1
edited>=1,<2
unpinned
ours @ git+https://example.com/ours.git@abc
"""


@pytest.mark.parametrize(
    ("line", "is_locked"),
    [
        ("numpy", True),
        ("NumPy>=2.4  # arrays", True),
        ("numpy>=2.5", False),
        ("scikit_learn[extra]>=1.8.0rc1,<2", True),
        ("ours>=3", True),
        ("pandas>=2,<3", False),
        ("edited", False),
        ("unpinned>=1", False),
        ("pandas>=2; python_version >= '3'", False),
        ("tomli; python_version < '3.11'", True),
        ("# pandas", True),
        ("--extra-index-url https://example.com/simple", True),
        ("./wheels/own-1.0-py3-none-any.whl", True),
        ("mldock-runtime[s3] @ file:///somewhere", True),
    ],
)
def test_requirement(tmp_path: Path, line: str, is_locked: bool) -> None:
    """It is compared by name and version; what is no requirement is left out."""
    (tmp_path / "src" / "container").mkdir(parents=True)
    (tmp_path / "src" / "requirements.lock").write_text(LOCK, "utf-8")
    (tmp_path / "src" / "container" / "requirements.txt").write_text("numpy>=2\n", "utf-8")
    (tmp_path / "src" / "requirements.txt").write_text(f"# Yours\n{line}\n", "utf-8")
    assert len(unlocked(tmp_path)) == (not is_locked)
