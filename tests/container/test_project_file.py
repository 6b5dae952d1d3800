"""mldock.json as `nox -s data` writes it."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.lifecycle import ContainerError
from container.lifecycle.project import read_project
from tests.project import ROOT, generate

# Of the package `tools`, which is one in a project only.
spec = importlib.util.spec_from_file_location(
    "settings", ROOT / "templates/generic/tools/settings.py"
)
assert spec is not None
assert spec.loader is not None
settings: Any = importlib.util.module_from_spec(spec)
spec.loader.exec_module(settings)

NAMES = st.from_regex(r"[a-z0-9_-]{1,8}", fullmatch=True)
CHANNELS = st.lists(
    st.fixed_dictionaries(
        {"name": NAMES},
        optional={
            "remote": st.none() | st.text(),
            "direction": st.sampled_from(["input", "output"]),
            "unpack": st.booleans(),
        },
    ),
    unique_by=lambda entry: (entry["name"], entry.get("direction", "input")),
)
LISTS = {"data": CHANNELS, "model": CHANNELS}
VALUES = st.dictionaries(st.text(), st.integers() | st.text() | st.booleans() | st.floats(0, 1))
STAGE = st.fixed_dictionaries({}, optional={**LISTS, "hyperparameters": VALUES})
FILES = st.fixed_dictionaries(
    {"image_name": st.text()},
    optional={
        **LISTS,
        "environment": VALUES,
        "stages": st.dictionaries(st.text("ab", min_size=1), STAGE),
    },
)


@pytest.mark.parametrize(
    "answers",
    [
        {"template": "generic", "storage": "local"},
        {"template": "sklearn", "storage": "s3"},
        {"template": "pytorch", "storage": "gs"},
        {"template": "generic", "storage": "az"},
    ],
    ids=lambda answers: answers["storage"],
)
def test_fresh_file(answers: dict[str, str], tmp_path: Path) -> None:
    """The file of a new project is as the session would write it, so that a change is one."""
    text = (generate(tmp_path / "fresh", **answers).path / "mldock.json").read_text("utf-8")

    assert settings.text_of(json.loads(text)) == text


@hypothesis.settings(derandomize=True, deadline=None, database=None)
@given(FILES, NAMES, st.sampled_from(["data", "model"]), st.booleans(), st.data())
def test_add_and_remove_any(
    content: dict[str, Any], name: str, kind: str, output: bool, data: st.DataObject
) -> None:
    """Whatever the file holds, a channel that comes and goes leaves it as it was."""
    stage = data.draw(st.sampled_from([None, *content.get("stages", {})]))
    direction = "output" if output else "input"
    place = settings.place_of(content, stage)
    # An empty list says what no list says.
    place.setdefault(kind, []) if stage is None else place.get(kind) or place.pop(kind, None)
    before = settings.text_of(content)
    entry = settings.entry_of(name, "s3://b/x", direction, not output)
    known = any(settings.same(channel, name, direction) for channel in place.get(kind, []))

    if known:
        with pytest.raises(ContainerError, match="To change it, add --replace"):
            settings.add(content, stage, kind, entry, replace=False)
    else:
        settings.add(content, stage, kind, entry, replace=False)
        assert settings.place_of(content, stage)[kind][-1] == entry
        assert settings.text_of(content) != before
        settings.remove(content, stage, kind, name, direction)

    assert settings.text_of(content) == before


def test_what_is_not_valid_is_not_written(tmp_path: Path) -> None:
    """The file is replaced as a whole, by one that can be read."""
    path = tmp_path / "mldock.json"
    path.write_text('{"image_name": "x"}', "utf-8")
    path.chmod(0o640)

    with pytest.raises(ContainerError, match="image_name: "):
        settings.write_settings(path, {"image_name": 1})
    assert path.read_text("utf-8") == '{"image_name": "x"}'

    settings.write_settings(path, {"image_name": "ü"})
    assert path.read_bytes() == '{\n  "image_name": "ü"\n}\n'.encode()
    assert read_project(path).image_name == "ü"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in tmp_path.iterdir()] == ["mldock.json"]


@pytest.mark.parametrize("name", [".", "..", "a/b", "a\n", "", "a" * 65])
def test_name_of_a_channel(name: str, tmp_path: Path) -> None:
    """A name that would be another folder is refused in the file too; others with dots are not."""
    path = tmp_path / "mldock.json"
    path.write_text(settings.text_of({"image_name": "x", "data": [{"name": name}]}), "utf-8")

    with pytest.raises(ContainerError, match=r"data\.0\.name: "):
        read_project(path)

    for good in (".a", "a..b", "a" * 64):
        path.write_text(settings.text_of({"image_name": "x", "data": [{"name": good}]}), "utf-8")
        assert read_project(path).data[0].name == good
