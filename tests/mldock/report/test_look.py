"""Whoever looks at the report, on whatever, can read it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from mldock import Environment
from playwright.sync_api import Browser, Page

from tests.mldock.report.making import (
    BEFORE,
    COMPLETED,
    FAILED,
    classified,
    final,
    measured,
    report_of,
    started,
    write_run,
)

pytestmark = pytest.mark.browser

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}

PICTURE = "<svg xmlns='http://www.w3.org/2000/svg' width='2000' height='50'/>"


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a report with all that there can be, of a run that failed late."""
    environment = Environment(tmp_path_factory.mktemp("full"), {})
    folder = environment.channel_dir("training")
    folder.mkdir(parents=True)
    head = ",".join(f"a_column_with_a_long_name_{number}" for number in range(20))
    (folder / "a.csv").write_text(f"{head}\n" + ("1," * 19 + "rose\n") * 30)
    curves = [*measured("train_loss", 0.9, 0.5), *measured("test_loss", 0.95, 0.6)]
    write_run(environment, BEFORE, [started(a=1), *curves, classified((0.2, 0.7)), COMPLETED])
    environment.output_data_dir.mkdir(parents=True, exist_ok=True)
    (environment.output_data_dir / "wide.svg").write_text(PICTURE)
    report_of(
        environment,
        started(a=2, layers=list(range(100))),
        *curves,
        *measured("accuracy", 0.5, 0.75, 0.8),
        final("a_metric_with_quite_a_long_name_of_its_own", 0.123456),
        classified((0.1, 0.8)),
        {**FAILED, "reason": "RuntimeError: " + "/a/very/long/path" * 20},
    )
    return environment.output_data_dir / "report.html"


@pytest.fixture(params=[(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """Return a page; what it opens asks for nothing else, and no one complains."""
    size, scheme = request.param
    context = browser.new_context(viewport=size, color_scheme=scheme)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("request", lambda request: complaints.append(request.url))
    yield page
    context.close()
    assert [text for text in complaints if not text.startswith(("file://", "data:"))] == []
    assert len([text for text in complaints if text.startswith("file://")]) == 1


def test_accessibility(page: Page, full: Path) -> None:
    """No rule of axe is broken, and nothing is wider than the window."""
    page.goto(full.as_uri())
    page.locator("details").evaluate_all("all => all.forEach(details => { details.open = true })")

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") == width
