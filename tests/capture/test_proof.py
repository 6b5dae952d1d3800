"""The proofs find what is wrong with a template; each is shown a fault that it must see."""

from __future__ import annotations

from dataclasses import replace

import pytest

from extensions import proofs
from extensions.capture import Capture, capture
from extensions.model import CaptureError, File, Status
from extensions.project import read
from extensions.proofs import Proof
from extensions.recipe import Recipe
from extensions.record import assemble, renderable
from tests.capture.making import BY_HAND, NAME, silent
from tests.capture.trees import build
from tests.generate.repository import Repository


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, snapshot: Repository) -> Capture:
    """Return a capture that nothing is wrong with."""
    project = read(build(tmp_path_factory.mktemp("churn"), BY_HAND).path)
    return capture(project, "churn", Recipe(data=NAME), snapshot.path)


def prove(made: Capture, snapshot: Repository) -> list[Proof]:
    """Try a capture."""
    files = renderable(assemble(made, snapshot.path))
    return proofs.rendered_twice(made, snapshot.path, files, silent)


def refusal(made: Capture, snapshot: Repository) -> str:
    """Return why a capture is refused."""
    with pytest.raises(CaptureError) as caught:
        prove(made, snapshot)
    assert caught.value.code == 1
    return str(caught.value)


def with_source(made: Capture, path: str, content: bytes) -> Capture:
    """Return the capture with another source."""
    assert path in made.sources
    assert made.sources[path].content != content
    return replace(made, sources={**made.sources, path: File(content)})


def test_nothing_is_wrong(made: Capture, snapshot: Repository) -> None:
    """The figures say how much was looked at."""
    found = prove(made, snapshot)

    assert all(one.holds for one in found)
    size = sum(len(file.content) for file in made.project.files.values())
    assert found[0].figures == f"{len(BY_HAND)} files, {size} bytes, 1 of them executable"
    changed = sum(occurrence.status.is_substituted for occurrence in made.occurrences)
    assert found[1].figures.startswith(f"{changed} occurrences changed, ")


def test_other_bytes(made: Capture, snapshot: Repository) -> None:
    """A source that gives another byte is named, with the line."""
    path = "src/prediction.py.jinja"
    text = made.sources[path].content.replace(b"print", b"pr1nt")

    message = refusal(with_source(made, path, text), snapshot)

    assert r"src/prediction.py:3: 'pr1nt(score)\r' instead of 'print(score)\r'" in message


def test_lost_file_and_lost_mode(made: Capture, snapshot: Repository) -> None:
    """A file that does not come back, and one that is not executable any more."""
    path = "src/container/executor.sh.jinja"
    sources = {name: file for name, file in made.sources.items() if name != "data/empty.txt"}
    sources[path] = replace(sources[path], executable=False)

    text = refusal(replace(made, sources=sources), snapshot)

    assert "data/empty.txt is missing" in text
    assert "src/container/executor.sh: its mode differs" in text


def test_more_changes_than_reported(made: Capture, snapshot: Repository) -> None:
    """Too much is substituted: a round trip alone would not see it."""
    path = "src/trainer.py.jinja"
    greedy = made.sources[path].content.replace(
        b"demographic", b"{{ 'demo' if project_snake == 'churn_model' else 'x' }}graphic"
    )

    text = refusal(with_source(made, path, greedy), snapshot)

    assert "more or less changes than the reported occurrences" in text
    assert "src/trainer.py:8" in text


def test_less_changes_than_reported(made: Capture, snapshot: Repository) -> None:
    """A source holds an original text where an occurrence is reported."""
    path = "src/container/Dockerfile.jinja"
    lazy = made.sources[path].content.replace(b"{{ project_kebab }}", b"churn-model")

    assert "src/container/Dockerfile:2" in refusal(with_source(made, path, lazy), snapshot)


def test_original_text_without_a_site(made: Capture, snapshot: Repository) -> None:
    """The search for what is left does not trust the one for occurrences."""
    occurrences = [
        occurrence for occurrence in made.occurrences if occurrence.status is not Status.BINARY
    ]

    text = refusal(replace(made, occurrences=occurrences), snapshot)

    assert "No occurrence is reported for these" in text
    assert "data/both.bin at byte 2 holds 'churn_model'" in text


def test_template_that_cannot_be_rendered(made: Capture, snapshot: Repository) -> None:
    """A source that is no Jinja is named."""
    broken = with_source(made, "README.md.jinja", b"{% if %}")

    assert "templates/churn/README.md.jinja:1" in refusal(broken, snapshot)


def test_not_repeatable() -> None:
    """A second capture must not differ in a byte."""
    first = {"a": File(b"1"), "b": File(b"2")}

    with pytest.raises(CaptureError, match="b:1") as caught:
        proofs.is_repeatable(first, {**first, "b": File(b"3")})

    assert caught.value.code == 1
    assert proofs.is_repeatable(first, dict(first)).figures == "2 files, 2 bytes"
