"""What an owner does to a project in its first weeks, whatever its template and version."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FEATURES = '''\
"""Mine: what the model sees of a row."""

from __future__ import annotations


def scale(value: float, largest: float) -> float:
    """Bring a value between 0 and 1."""
    return value / largest
'''

TEST = '''\
"""Mine."""

from __future__ import annotations

from features import scale


def test_scale() -> None:
    """Half is half."""
    assert scale(2, 4) == 0.5
'''

ADDED = {"src/features.py": FEATURES, "tests/test_features.py": TEST}

# A file that they do without; nothing else needs it.
DELETED = "tests/contract/test_image.py"


@dataclass(frozen=True)
class Edit:
    """A change of a file at the first match of a pattern; `line` is there afterwards."""

    file: str
    pattern: str
    replacement: str
    line: str


EDITS = [
    Edit(
        "src/trainer.py",
        r'(?s)(def train\(.*?\n    """.*?"""\n)',
        r'\1    print("mine: the training begins")\n',
        '    print("mine: the training begins")',
    ),
    Edit(
        "src/prediction.py",
        r"    (probability|distance): float.*",
        r'    \1: float = Field(ge=0, le=1000, description="Mine.")',
        'Field(ge=0, le=1000, description="Mine.")',
    ),
    Edit(
        "src/container/assets.py",
        r"(        super\(\).startup\(\)\n)",
        r'\1        print("mine: the container starts")\n',
        '        print("mine: the container starts")',
    ),
    Edit(
        "src/container/Dockerfile",
        r"(WORKDIR /app\n)",
        r"ENV MINE=1\n\n\1",
        "ENV MINE=1",
    ),
    Edit(
        "mldock.json",
        r'"environment": \{\}',
        r'"environment": {\n    "MINE": "1"\n  }',
        '    "MINE": "1"',
    ),
    Edit(
        "mldock.json",
        r'"dev": \{\}',
        r'"dev": {\n      "hyperparameters": {\n        "seed": 12\n      }\n    }',
        '        "seed": 12',
    ),
    Edit(
        "src/requirements.txt",
        r"\A(# Yours.*\n)",
        r"\1packaging>=24\n",
        "packaging>=24",
    ),
    Edit(
        "README.md",
        r"\A(# .*\n)",
        r"\1\nMine: how it came about.\n",
        "Mine: how it came about.",
    ),
]


def edit(project: Path) -> None:
    """Edit, add and delete files."""
    for change in EDITS:
        path = project / change.file
        text = path.read_text("utf-8")
        new = re.sub(change.pattern, change.replacement, text, count=1)
        assert new != text, change
        path.write_text(new, "utf-8")
    for name, text in ADDED.items():
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(text, "utf-8")
    (project / DELETED).unlink()
