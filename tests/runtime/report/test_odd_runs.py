"""The report of a run: odd names, texts and files do it no harm."""

from __future__ import annotations

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


def test_secrets(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    """No secret that came into a value or into the data is in the page, and no half of one."""
    monkeypatch.setenv("WEIGHTS_TOKEN", "abc<77yy77>")
    address = "https://bob:hunter2secretpassword1@host/x"
    folder = environment.channel_dir("training")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.csv").write_text(f"place\n{address}\n{address}\n")
    write_run(environment, BEFORE, [started(at="elsewhere"), COMPLETED])

    page = report_of(environment, started(key="abc<77yy77>", at=address), COMPLETED)

    assert "77yy77" not in page
    assert "hunter2" not in page
    assert rows(page, "hyperparameters")[0][:2] == ["key", "***"]


def test_what_is_no_text(environment: Environment) -> None:
    """Names of files that are no text are shown; damaged lines are left out, and that is said."""
    folder = environment.channel_dir("training")
    folder.mkdir(parents=True)
    Path(os.fsdecode(os.fsencode(folder) + b"/a.\xff")).touch()

    page = report_of(environment, started(), {"metric": 3}, COMPLETED)

    assert "1 .?" in page
    assert "1 line is damaged and left out." in page
