"""One line a log record on standard error, at the level of `MLDOCK_LOGS_LEVEL`, without secrets."""

from __future__ import annotations

import errno
import io
import logging
import os
import re
import sys
from typing import Any

# Variables that hold what must not be told, and the shape of such things inside of URIs.
SECRET_NAME = re.compile(
    r"SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|CONNECTION_STRING|(ACCOUNT|API|PRIVATE)_?KEY|_SAS",
    re.IGNORECASE,
)
SECRET_PART = re.compile(
    r"(?<=://)[^/\s@]+(?=@)"
    r"|(?<=[?&]sig=)[^&\s]+"
    r"|(?<=[?&]Signature=)[^&\s]+"
    r"|(?<=X-Goog-Signature=)\w+"
    r"|(?<=X-Goog-Credential=)[^&\s]+"
    r"|(?<=AccountKey=)[^;\s]+"
    r"|(?<=X-Amz-Signature=)\w+"
    r"|(?<=X-Amz-Credential=)[^&\s]+"
    r"|(?<=X-Amz-Security-Token=)[^&\s]+"
)


class Formatter(logging.Formatter):
    """Formats records, tracebacks too, without what is secret."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of a record."""
        return redact(super().format(record))


def configure_logging() -> None:
    """Set up logging for a process of the container."""
    level = (os.getenv("MLDOCK_LOGS_LEVEL") or "INFO").upper()
    known = isinstance(logging.getLevelName(level), int)
    handler = logging.StreamHandler()
    handler.setFormatter(Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level if known else "INFO", handlers=[handler])
    if not known:
        logging.warning("MLDOCK_LOGS_LEVEL=%s is not a level. Use DEBUG, INFO or WARNING.", level)


def redact(text: str) -> str:
    """Return a text with stars in the place of secrets, those of the environment above all."""
    for name, value in os.environ.items():
        if len(value) > 7 and SECRET_NAME.search(name):
            text = text.replace(value, "***")
    return SECRET_PART.sub("***", text)


class Terminal(io.FileIO):
    """A terminal that may be closed, which then would refuse each word: it is written to nobody."""

    def write(self, data: Any) -> int:
        """Write as far as there is a terminal."""
        try:
            return super().write(data)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return len(data)


def outlive_terminal() -> None:
    """Let what this process prints not fail when its terminal is closed."""
    for number, name in ((1, "stdout"), (2, "stderr")):
        if os.isatty(number):
            raw = io.BufferedWriter(Terminal(number, "w", closefd=False))
            stream = io.TextIOWrapper(raw, "utf-8", "backslashreplace", line_buffering=True)
            setattr(sys, name, stream)
