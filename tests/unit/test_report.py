"""The report of a run: what it says, and whom it believes."""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mldock import Environment

from tests.mldock.report.making import (
    BEFORE,
    COMPLETED,
    FAILED,
    classified,
    final,
    measured,
    report_of,
    rows,
    started,
    text_of,
    write_run,
)

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def test_comparison(environment: Environment) -> None:
    """What has changed since the last completed run of the stage is told, and which way it went."""
    lines = [started(a=1, b=2, c=3), final("loss", 0.5), final("auc", 0.9), COMPLETED]
    write_run(environment, BEFORE, lines)
    write_run(environment, "20260102T050000.0Z", [started(a=9), final("loss", 7), FAILED])
    write_run(environment, "20260102T060000.0Z", [started("dev"), final("loss", 8), COMPLETED])
    page = report_of(
        environment, started(a=1, b=[2], d=None), final("loss", 0.25), final("auc", 0.9), COMPLETED
    )

    assert "compared with that of 2026-01-02" in page
    assert rows(page, "metrics") == [
        ["loss", "0.25", "0.5", "down 0.25"],
        ["auc", "0.9", "0.9", "same"],
    ]
    assert rows(page, "hyperparameters") == [
        ["a", "1", "1", "same"],
        ["b", "[2]", "2", "changed"],
        ["d", "null", "", "new"],
        ["c", "", "3", "removed"],
    ]
    assert [row[1] for row in rows(page, "runs")] == [
        "completed", "completed", "failed", "completed"
    ]  # fmt: skip


def test_failed_run(environment: Environment) -> None:
    """Its reason comes first, and what it had measured is there."""
    page = report_of(environment, started(), *measured("loss", 0.5, None), FAILED)

    assert page.index("ValueError: &lt;the loss&gt; is NaN") < page.index("Metrics")
    assert "2 h 5 min" in page
    assert rows(page, "metrics") == [["loss", "nan"]]
    assert "loss by step" in page
    # One that ended before its trainer said a word has a report too, which says what could be.
    page = report_of(environment, {"outcome": "failed", "seconds": 0.1, "reason": "it was killed"})
    assert "it was killed" in page
    assert "log_metric(" in page


def test_classification(environment: Environment) -> None:
    """The matrix has counts, recall and precision; the curve can be read as a table."""
    write_run(environment, BEFORE, [started(), classified((0.5, 0.5)), COMPLETED])
    page = report_of(environment, started(), classified((0.1, 0.8)), COMPLETED)

    assert "Of 143 held-out rows, 132 (92.3 %) are taken for what they are." in text_of(page)
    assert rows(page, "confusion") == [
        ["benign", "82", "8", "91.1 %"],
        ["malignant", "3", "50", "94.3 %"],
        ["precision", "96.5 %", "86.2 %", ""],
    ]
    assert ["0.1", "", "", "0.8"] in rows(page, "roc")
    assert ["0.5", "", "0.5", ""] in rows(page, "roc")


def test_serving(environment: Environment) -> None:
    """Which model is served and what batching was decided is one line, with the reasons."""
    page = report_of(
        environment,
        started(),
        {"topic": "model", "remark": "model.skops is served: it <cannot> be compiled"},
        {"topic": "batching", "remark": "requests are answered one by one: row 1, label: ..."},
        COMPLETED,
    )

    assert (
        "model.skops is served: it &lt;cannot&gt; be compiled; requests are answered one by one: "
        "row 1, label: ..."
    ) in page
    assert "damaged" not in page
    assert "Serving" not in report_of(environment, started(), COMPLETED)


def test_curves(environment: Environment) -> None:
    """Losses share a chart, the last run is behind them, and a table has the numbers."""
    write_run(environment, BEFORE, [started(), *measured("train_loss", 0.9), COMPLETED])
    page = report_of(
        environment,
        started(),
        *measured("train_loss", 0.75, 0.5),
        *measured("test_loss", 0.8, 0.6),
        *measured("accuracy", 0.9),
        COMPLETED,
    )

    assert page.count("<svg") == 2
    # The last run's has no name in the picture.
    assert rows(page, "curve-1") == [["1", "0.9", "0.75", "0.8"], ["2", "", "0.5", "0.6"]]
    assert rows(page, "curve-2") == [["1", "0.9"]]
    assert page.count("The thin broken line is the last run.") == 1
    # No script, and no address that a browser would fetch.
    assert not re.search(r"<script|url\(|@import", page)
    addresses = re.findall(r"\b(?:src|href)=\"([^\"]*)", page)
    assert all(address.startswith("data:") for address in addresses)


def test_data(environment: Environment) -> None:
    """What was learnt from is summed up, and how much of it was looked at is said."""
    folder = environment.channel_dir("training")
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text("width,kind\n" + "1,rose\n3,rose\n" * 6000)
    page = report_of(environment, started(), COMPLETED)

    assert "1 file, 84 kB (1 .csv). The first 10,000 rows of CSV were looked at" in text_of(page)
    assert rows(page, "data") == [
        ["width", "whole number", "0", "1", "2", "3", "2", ""],
        ["kind", "text", "0", "", "", "", "1", "rose (10000)"],
    ]


def test_pictures(environment: Environment) -> None:
    """Pictures of this run are part of the page, but not a huge one and those of earlier runs."""
    output = environment.output_data_dir
    (output / "plots").mkdir(parents=True)
    for name in ("old.png", "plots/new.png", "huge.png"):
        (output / name).write_bytes(PNG)
    (output / "new.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    os.truncate(output / "huge.png", 20_000_000)
    os.utime(output / "old.png", (0, 0))
    page = report_of(environment, started(), COMPLETED)

    assert base64.b64encode(PNG).decode() in page
    assert 'alt="plots/new.png"' in page
    assert "data:image/svg+xml;base64," in page
    assert "huge.png, 20 MB: too much for this page" in page
    assert "old.png" not in page
    assert len(page) < 100_000


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
