"""The unit tests: files whose tests begin no program. `nox -s unit` runs them in half a minute."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent

PATTERNS = (
    "capture/test_asking.py",
    "capture/test_capture_page.py",
    "capture/test_decisions.py",
    "capture/test_inlining.py",
    "capture/test_machine.py",
    "capture/test_merging.py",
    "capture/test_options.py",
    "capture/test_sites*.py",
    "capture/test_traces.py",
    "capture/test_unlikely.py",
    "messages/test_help.py",
    "messages/test_troubleshooting.py",
    "mldock/test_interface.py",
    "mldock/test_rows.py",
    "runtime/report/test_c*.py",
    "runtime/report/test_odd_runs.py",
    "runtime/report/test_report.py",
    "runtime/report/test_tables.py",
    "runtime/storage/test_archive*.py",
    "runtime/storage/test_listing.py",
    "runtime/storage/test_local.py",
    "runtime/storage/test_manifest.py",
    "runtime/storage/test_small_objects.py",
    "runtime/test_ar*.py",
    "runtime/test_azure.py",
    "runtime/test_batching*.py",
    "runtime/test_channels.py",
    "runtime/test_cluster.py",
    "runtime/test_codec*.py",
    "runtime/test_containers.py",
    "runtime/test_environment.py",
    "runtime/test_examples.py",
    "runtime/test_failure.py",
    "runtime/test_hyperparameter*.py",
    "runtime/test_in*.py",
    "runtime/test_objects.py",
    "runtime/test_openapi.py",
    "runtime/test_p*.py",
    "runtime/test_resources.py",
    "runtime/test_settings.py",
)

FILES = {path for pattern in PATTERNS for path in FOLDER.glob(pattern)}

PROGRAMS = {"subprocess.Popen", "os.posix_spawn", "os.fork", "os.system"}


class Guard:
    """Refuses programs to unit tests, so that they stay quick."""

    def __init__(self) -> None:
        """Begin to listen; Python has no way to end it."""
        self.is_on = False
        sys.addaudithook(self.hear)

    def hear(self, event: str, _arguments: tuple[Any, ...]) -> None:
        """Refuse a program."""
        if self.is_on and event in PROGRAMS:
            raise RuntimeError("A unit test begins a program: take its file out of tests/unit.py.")

    @contextmanager
    def over(self, file: Path) -> Iterator[None]:
        """Watch a test of a file."""
        self.is_on = file in FILES
        yield
        self.is_on = False
