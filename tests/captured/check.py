"""What must hold of every captured template, by the record of its capture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from extensions.model import Value
from extensions.proofs import changed, undo
from extensions.record import left
from extensions.rendering import render
from extensions.sentinels import sentinel_answers
from extensions.trees import differences, read_tree
from extensions.variants import variants
from tests.project import ROOT, generate


def original_answers(template: str, folder: Path) -> None:
    """Check that `copier copy` gives a whole project for the answers of the captured one."""
    answers = record(template)["answers"]

    project = generate(folder / "project", **{**answers, "template": template})

    stored = yaml.safe_load((project.path / ".copier-answers.yml").read_text("utf-8"))
    assert {name: stored[name] for name in answers} == answers
    assert stored["template"] == template
    assert (project.path / "src/container").is_dir()


def other_answers(template: str) -> None:
    """Check that other answers change their own text alone, and that no more is left than was."""
    captured = record(template)
    answers = {**captured["answers"], "template": template}
    original = render(ROOT, answers)
    sentinels = sentinel_answers(original.files, answers, ())

    other = render(ROOT, answers | sentinels)

    back = undo(other.files, changed(original.answers, other.answers))
    assert differences(original.files, back) == []
    texts = {
        variant.text
        for name, has_variants in (("project_name", True), ("image_name", False))
        for variant in variants(Value(name, str(answers.get(name, "")), has_variants=has_variants))
    }
    there = left(read_tree(ROOT / "templates" / template), texts)
    more = {path: count for path, count in there.items() if count > reported(captured, path)}
    assert more == {}, "the template itself says the name of the project that it was captured from"


def record(template: str) -> Mapping[str, Any]:
    """Return what a capture has recorded."""
    described = yaml.safe_load((ROOT / "templates" / f"{template}.yml").read_text("utf-8"))
    captured: Mapping[str, Any] = described["captured"]
    return captured


def reported(captured: Mapping[str, Any], path: str) -> int:
    """Return how often the capture has reported original texts in a source."""
    return int(captured.get("left", {}).get(path, 0))
