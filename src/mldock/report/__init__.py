"""`output/data/report.html`: what a run was given, what came of it, and how that differs.

One file that needs no other: no script, nothing from a network. It is made of the files of the
runs (`runs.py`), of what lies in the channels (`channels.py`) and of the pictures that the trainer
has left; `report.html` is its template.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path

from mldock.environment import Environment
from mldock.errors import format_error
from mldock.metrics import RUN_FILE

log = logging.getLogger("train")

NAME = "report.html"


def write_report(environment: Environment) -> None:
    """Write the report of the run that is over, on the first host; that it fails, fails no job."""
    run = os.environ.get(RUN_FILE)
    # A job that failed before it trained is no run.
    if not run or not environment.is_first:
        return
    path = environment.output_data_dir / NAME
    # Uploads leave such names out.
    new = path.with_name(f".{NAME}.partial")
    try:
        # Not needed until now.
        from mldock.report.page import render

        new.write_text(render(environment, Path(run)), encoding="utf-8", errors="replace")
        new.replace(path)
    except Exception as error:
        log.warning("the report was not written: %s", format_error(error))
        with suppress(OSError):
            new.unlink(missing_ok=True)
    else:
        log.info("the report is %s", path)
