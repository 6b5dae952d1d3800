"""One line a log record on standard error, at the level of `MLDOCK_LOGS_LEVEL`."""

from __future__ import annotations

import logging
import os


def configure_logging() -> None:
    """Set up logging for a process of the container."""
    logging.basicConfig(
        level=os.getenv("MLDOCK_LOGS_LEVEL", "INFO").upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
