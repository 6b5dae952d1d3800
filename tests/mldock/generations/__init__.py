"""Projects as people wrote them with each generation of mldock, of its public names only."""

from __future__ import annotations

import yaml

from extensions.model import File
from tests.mldock.generations.first import A
from tests.mldock.generations.later import B, C

__all__ = ["CONFIG", "GENERATIONS", "B", "C"]

CONFIG = yaml.safe_dump(
    {"remotes": [{"name": "lake", "type": "s3", "path": "s3://example-lake/team"}]}
)

GENERATIONS: dict[str, dict[str, bytes | File]] = {"A": A, "B": B, "C": C}
