"""A spelling of the project's name that no variable has is told."""

from __future__ import annotations

from extensions.decisions import Decisions
from extensions.model import File, Value
from extensions.occurrences import find
from extensions.residue import other_spellings

NAME = Value("project_name", "churn-model", has_variants=True)


def told(files: dict[str, File], *values: Value) -> list[tuple[str, str]]:
    """Return the place and the text of each residue."""
    occurrences = find(files, values or (NAME,), Decisions())
    return [
        (residue.place, residue.text)
        for residue in other_spellings(files, values or (NAME,), occurrences)
    ]


def test_other_spellings() -> None:
    """What is no occurrence is told with its place, be it in a file or in its name."""
    text = "churn_model\r\n  the churn model, churnModel of CHURN-MODEL; ChurnModel churnmodels\n"
    files = {
        "docs/churnmodel.md": File(text.encode()),
        "b.bin": File(b"\xffChurn-Model"),
        "a": File(b"one model churn"),
    }

    assert told(files) == [
        ("docs/churnmodel.md:name", "churnmodel"),
        ("docs/churnmodel.md:2:7", "churn model"),
        ("docs/churnmodel.md:2:20", "churnModel"),
        ("docs/churnmodel.md:2:34", "CHURN-MODEL"),
    ]


def test_sites_are_none() -> None:
    """Occurrences are not residue, and values without variants have none."""
    files = {"churn_model/ChurnModel": File(b"churn_model churn_models Churn Model CHURN_MODEL")}

    assert told(files) == []
    assert told({"x": File(b"churn model")}, Value("image_name", "churn-model")) == []
    assert told({"x": File(b"-- ---")}, Value("project_name", "--", has_variants=True)) == []
