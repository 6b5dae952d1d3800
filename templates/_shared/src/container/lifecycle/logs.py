"""One line a log record on standard error, at the level of `MLDOCK_LOGS_LEVEL`."""

from __future__ import annotations

import logging
import os


def configure_logging() -> None:
    """Set up logging for a process of the container."""
    level = (os.getenv("MLDOCK_LOGS_LEVEL") or "INFO").upper()
    known = isinstance(logging.getLevelName(level), int)
    logging.basicConfig(
        level=level if known else "INFO",
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    if not known:
        logging.warning("MLDOCK_LOGS_LEVEL=%s is not a level. Use DEBUG, INFO or WARNING.", level)
