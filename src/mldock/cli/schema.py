"""Write the JSON Schema by which editors complete and check mldock.json."""

from __future__ import annotations

import shutil
from pathlib import Path

import mldock
from mldock.cli import options
from mldock.cli.environment import ROOT


def main() -> int:
    """Copy the schema to where the first line of mldock.json looks for it."""
    options.parser("schema", __doc__).parse_args()
    schema = Path(mldock.__file__).with_name("mldock.schema.json")
    shutil.copy(schema, ROOT / ".venv")
    return 0
