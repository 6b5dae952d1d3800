"""A capture with a person at a terminal."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import yaml

from tests.capture.trees import add
from tests.generate.repository import Repository
from tests.generate.test_interactive import answer


def command(templates: Repository, *arguments: str) -> list[str]:
    """Return what runs the command of these templates."""
    words = [sys.executable, "-m", "extensions", *arguments]
    return ["sh", "-c", f"cd {shlex.quote(str(templates.path))} && exec {shlex.join(words)}"]


def test_name_and_places_are_asked_for(
    templates: Repository, by_hand: Repository, tmp_path: Path
) -> None:
    """What is answered is done, recorded, and added to the file of decisions."""
    add(by_hand, {"demo.txt": b"demo\nthe demo of others\n"})
    decisions = tmp_path / "decisions.yml"
    keys = {
        "What is the project called": "demo\n",
        "1 of 3": "y\n",
        "2 of 3": "y\n",
        "3 of 3": "n\n",
    }
    options = [str(by_hand.path), "--no-tests", "--decisions", str(decisions)]

    _, screen = answer(command(templates, *options), keys)

    assert "demo.txt:name" in screen
    source = templates.path / "templates/demo/{{ project_snake }}.txt.jinja"
    assert source.read_text("utf-8") == "{{ project_name }}\nthe demo of others\n"
    said = yaml.safe_load(decisions.read_text("utf-8"))
    assert said["demo.txt:2:5"] == "keep"
    described = yaml.safe_load((templates.path / "templates/demo.yml").read_text("utf-8"))
    assert described["captured"]["recipe"]["decisions"] == said


def test_whoever_stops_is_told_what_is_missing(templates: Repository, by_hand: Repository) -> None:
    """`q` ends the questions; what nobody decided is refused, and nothing is written."""
    add(by_hand, {"demo.txt": b"demo\n"})
    shell = command(templates, str(by_hand.path), "--data", "project_name=demo")
    shell[-1] = f"{shell[-1].replace('exec ', '')}; test $? = 3 && echo refused"

    _, screen = answer(shell, {"1 of 2": "q\n"})

    assert "refused" in screen
    assert "--decisions FILE" in screen
    assert templates.git("status", "--porcelain") == ""
