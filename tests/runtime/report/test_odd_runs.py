"""The report of a run: odd names, texts and files do it no harm."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from container.lifecycle import Environment
from tests.runtime.report.making import (
    BEFORE,
    COMPLETED,
    classified,
    report_of,
    rows,
    started,
    text_of,
    write_run,
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
MARKUP = st.sampled_from(
    ["<script>x</script>", "{{ 7*7 }}", '"><b>', "</td>", "{% raw %}", "&amp;"]
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None
)
@given(st.builds(lambda a, b, c: a + b + c, TEXTS, MARKUP, TEXTS))
def test_nothing_is_markup(environment: Environment, text: str) -> None:
    """Names and values of people, data and errors are shown as they are."""
    folder = environment.channel_dir("training")
    folder.mkdir(parents=True, exist_ok=True)
    column = text.replace("\0", "").replace('"', '""')
    (folder / "a.csv").write_text(f'x,"{column}"\n1,"{column}"\n1,"{column}"\n', newline="")
    page = report_of(
        environment,
        started(text, **{text: text}),
        {**classified(), "classes": [text, "b"], "positive": text},
        {**COMPLETED, "reason": text},
    )

    assert "<script>x" not in page
    assert "49" not in page or "49" in text or "{{ 7*7 }}" in page
    assert "<b>" not in page
    assert rows(page, "hyperparameters") == [[text_of(text), text_of(text)]]
    assert rows(page, "confusion")[0][0] == text_of(text)


def test_secret_in_a_text_that_is_cut(environment: Environment) -> None:
    """Half a password is one too: in the table of the runs, and in a column of the data."""
    address = "https://bob:hunter2secretpassword1@host/x"
    folder = environment.channel_dir("training")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.csv").write_text(f"place\n{address}\n{address}\n")
    write_run(environment, BEFORE, [started(at="elsewhere"), COMPLETED])

    assert "hunter2" not in report_of(environment, started(at=address), COMPLETED)


def test_secrets(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret of the environment that came into a value does not come into the page."""
    monkeypatch.setenv("WEIGHTS_TOKEN", "abc<77yy77>")
    page = report_of(environment, started(key="abc<77yy77>", at="s3://me:pw@host/x"), COMPLETED)

    assert "77yy77" not in page
    assert rows(page, "hyperparameters") == [["key", "***"], ["at", "s3://***@host/x"]]


def test_name_of_a_file_that_is_no_text(environment: Environment) -> None:
    """A file system may hold names that are none."""
    folder = environment.channel_dir("training")
    folder.mkdir(parents=True)
    Path(os.fsdecode(os.fsencode(folder) + b"/a.\xff")).touch()

    assert "1 .?" in report_of(environment, started(), COMPLETED)


def test_damaged_lines(environment: Environment) -> None:
    """What cannot be read is left out, and that is said."""
    page = report_of(environment, started(), {"metric": 3}, COMPLETED)

    assert "1 line is damaged and left out." in page
    assert json.dumps({"metric": 3}) not in page
