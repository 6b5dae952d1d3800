"""Nobody needs --trust, and a new template needs no change of copier.yml."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml
from copier._template import load_template_config

from tests.generate.repository import Repository, make
from tests.project import CAPTURED, ROOT, TEMPLATES

# What makes Copier ask for trust, since it runs code.
NEEDS_TRUST = {"_jinja_extensions", "_migrations", "_tasks"}

MINE = """\
name: mine
title: "Mine: with 'quotes', and a colon"
predicts: Nothing yet.
family: generic
"""

CONFIGURATION = [ROOT / "copier.yml", *sorted((ROOT / "templates").rglob("*.yml"))]


def test_no_file_asks_for_trust() -> None:
    """No file that is or may be included has a word that runs code, even in an unused place."""
    lines = [line for path in CONFIGURATION for line in path.read_text("utf-8").splitlines()]

    assert not [line for line in lines if line.split(":")[0].strip() in NEEDS_TRUST]


def test_merged_configuration() -> None:
    """What Copier reads, with all that is included, runs no code and leaves no file out."""
    configuration = load_template_config(ROOT / "copier.yml")

    # The question of an included file shows that included files are in it.
    assert "accelerator" in configuration
    assert not {"_exclude", *NEEDS_TRUST} & set(configuration)
    # A README.md.jinja in the root would take the place of a template's plain README.md.
    assert list(ROOT.glob("*.jinja")) == []


@pytest.mark.parametrize("template", TEMPLATES)
def test_description_of_a_template(template: str) -> None:
    """templates/NAME.yml describes the folder of its name; Copier can find its answers again."""
    described = yaml.safe_load((ROOT / "templates" / f"{template}.yml").read_text("utf-8"))
    folder = ROOT / "templates" / template

    assert set(described) == {"name", "title", "predicts", "family"}
    assert described["name"] == described["family"] == template
    assert all(described.values())
    assert (folder / "{{ _copier_conf.answers_file }}.jinja").is_file()
    # Beside the templates there are only folders whose name begins with an underscore.
    folders = {path.name for path in folder.parent.iterdir() if path.is_dir()}
    assert {name for name in folders if name[0] != "_"} == {*TEMPLATES, *CAPTURED}


def test_dropped_in_template_is_selectable(tmp_path: Path, snapshot: Repository) -> None:
    """A folder and a NAME.yml are a template; its project is as the original's."""
    templates = snapshot.clone(tmp_path / "templates")
    folder = templates.path / "templates"
    shutil.copytree(folder / "generic", folder / "mine", symlinks=True)
    (folder / "mine.yml").write_text(MINE, "utf-8")
    templates.commit()

    same = {"project_name": "model", "description": "The same."}
    original = make(templates, tmp_path / "original", template="generic", **same)
    mine = make(templates, tmp_path / "mine", template="mine", **same)

    names = original.files()
    assert mine.files() == names
    assert {
        name
        for name in names
        if (mine.path / name).read_bytes() != (original.path / name).read_bytes()
    } == {".copier-answers.yml"}
