"""Write the JSON Schema of mldock.json, for editors."""

from __future__ import annotations

import shutil
from pathlib import Path

import mldock
from mldock.cli import options


def main() -> int:
    """Copy the schema to a file."""
    parser = options.parser("schema", __doc__)
    parser.add_argument("path", type=Path, metavar="FILE", help="where to write it")
    shutil.copyfile(Path(mldock.__file__).with_name("mldock.schema.json"), parser.parse_args().path)
    return 0
