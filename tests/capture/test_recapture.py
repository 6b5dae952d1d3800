"""A template is captured again: what the project changed comes, what people edited stays."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from extensions.model import CaptureError
from tests.capture.making import NAME, capture, written
from tests.capture.trees import add
from tests.generate.repository import Repository

TRAINER = "templates/churn-model/src/trainer.py.jinja"


@pytest.fixture
def captured(templates: Repository, by_hand: Repository) -> Repository:
    """Return templates with one that was captured and committed."""
    capture(templates, by_hand.path, "epochs=20", data=NAME)
    templates.commit()
    return templates


def refusal(templates: Repository, project: Path) -> str:
    """Return how edits by hand clash; nothing may have been written then."""
    with pytest.raises(CaptureError) as caught:
        capture(templates, project, name="churn-model")
    assert caught.value.code == 4
    return str(caught.value)


def test_nothing_new(captured: Repository, by_hand: Repository) -> None:
    """The same command without its options changes nothing: they are recorded."""
    capture(captured, by_hand.path, name="churn-model")

    assert captured.git("status", "--porcelain") == ""


def test_project_has_moved_on(captured: Repository, by_hand: Repository) -> None:
    """Changed, new and removed files of the project are so in the template."""
    (by_hand.path / "data/empty.txt").unlink()
    (by_hand.path / "README.md").write_text("# Churn Model 2\n", "utf-8")
    add(by_hand, {"src/churn_model/new.py": b"churn_model = 2\n"})

    capture(captured, by_hand.path, name="churn-model")

    sources = written(captured, "churn-model")
    assert sources["README.md.jinja"].text == "# {{ project_name }} 2\n"
    new = sources["src/{{ project_snake }}/new.py.jinja"]
    assert new.text == "{{ project_snake }} = 2\n"
    assert "data/empty.txt" not in sources
    assert not (captured.path / "templates/churn-model/data/empty.txt").exists()


def test_edits_by_hand_stay(captured: Repository, by_hand: Repository) -> None:
    """An edit of another line, an added and a removed file of the template are kept."""
    folder = captured.path / "templates/churn-model"
    captured.replace(TRAINER, '"""Trains the', '"""By hand, trains the')
    (folder / "NOTES.md").write_text("Mine.\n", "utf-8")
    (folder / "data/bom.csv").unlink()
    by_hand.replace("src/trainer.py", "PATIENCE = 20", "PATIENCE = 30")
    by_hand.commit()

    result = capture(captured, by_hand.path, name="churn-model")

    trainer = (captured.path / TRAINER).read_text("utf-8")
    assert '"""By hand, trains the' in trainer
    assert "PATIENCE = 30" in trainer
    assert "EPOCHS = {{ epochs }}" in trainer
    assert (folder / "NOTES.md").read_text("utf-8") == "Mine.\n"
    assert not (folder / "data/bom.csv").exists()
    notes = "\n".join(result.data["notes"])
    assert "edited by hand, and kept" in notes
    assert "data/bom.csv is missing" in notes
    assert "src/trainer.py:1" in notes


def test_edits_are_kept_a_second_time(captured: Repository, by_hand: Repository) -> None:
    """What is merged is told from the capture by the next one too."""
    captured.replace(TRAINER, '"""Trains the', '"""By hand, trains the')
    for patience in (30, 40):
        by_hand.replace("src/trainer.py", f"PATIENCE = {patience - 10}", f"PATIENCE = {patience}")
        by_hand.commit()
        capture(captured, by_hand.path, name="churn-model")

    trainer = (captured.path / TRAINER).read_text("utf-8")
    assert '"""By hand, trains the' in trainer
    assert "PATIENCE = 40" in trainer


def test_clash(captured: Repository, by_hand: Repository) -> None:
    """Both have changed a line: it is said where, and nothing is written."""
    captured.replace(TRAINER, '"""Trains the', '"""By hand, trains the')
    by_hand.replace("src/trainer.py", "Trains the", "Fits the")
    by_hand.replace("README.md", "als 0", "als 1")
    by_hand.commit()
    before = captured.git("diff")

    message = refusal(captured, by_hand.path)

    assert f"{TRAINER}: edited by hand where the new capture changes it too" in message
    assert "README" not in message
    assert captured.git("diff") == before
    assert captured.git("ls-files", "--others", "--exclude-standard") == ""


def test_clash_of_a_removed_file(captured: Repository, by_hand: Repository) -> None:
    """A file that one has removed and the other changed is a clash too."""
    (captured.path / "templates/churn-model/data/bom.csv").unlink()
    add(by_hand, {"data/bom.csv": b"a,b\n3,4\n"})

    assert "data/bom.csv: removed by hand" in refusal(captured, by_hand.path)


def test_title_by_hand_stays(captured: Repository, by_hand: Repository) -> None:
    """A better title in NAME.yml is taken over, in the section and the table too."""
    captured.replace("templates/churn-model.yml", "\ntitle: Churn Model", "\ntitle: Who leaves")
    add(by_hand, {"NEWS.md": b"news\n"})

    capture(captured, by_hand.path, name="churn-model")

    described = yaml.safe_load((captured.path / "templates/churn-model.yml").read_text("utf-8"))
    assert described["title"] == "Who leaves"
    assert "| Who leaves |" in (captured.path / "templates/README.md").read_text("utf-8")


def test_no_usable_record(captured: Repository, by_hand: Repository) -> None:
    """Where the captured commit is gone, an edited file is refused with the remedy."""
    captured.replace(TRAINER, '"""Trains the', '"""By hand, trains the')
    add(by_hand, {"NEWS.md": b"news\n"})
    described = captured.path / "templates/churn-model.yml"
    commit = yaml.safe_load(described.read_text("utf-8"))["captured"]["commit"]
    captured.replace("templates/churn-model.yml", commit, "0" * 40)

    message = refusal(captured, by_hand.path)

    assert "nothing tells edits from what the project changed" in message
    assert f"{TRAINER}:1" in message


def test_folder_of_somebody(templates: Repository, by_hand: Repository) -> None:
    """A template that no capture has written is not touched."""
    folder = templates.path / "templates/churn-model"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine", "utf-8")

    with pytest.raises(CaptureError, match="Take another name") as caught:
        capture(templates, by_hand.path, data=NAME)

    assert caught.value.code == 3
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]


def test_decisions_hold_while_their_file_is_unchanged(
    templates: Repository, by_hand: Repository
) -> None:
    """A line that may be another one now is asked for again; other decisions are recorded."""
    add(by_hand, {"one.txt": b"demo\n", "two.txt": b"demo\n", "docs/three.txt": b"demo\n"})
    decided = {"one.txt:1": "keep", "two.txt:1": "accept", "docs/*": "keep"}
    capture(templates, by_hand.path, data={"project_name": "demo"}, decided=decided)
    capture(templates, by_hand.path, name="demo")
    add(by_hand, {"two.txt": b"another demo\n"})

    with pytest.raises(CaptureError) as caught:
        capture(templates, by_hand.path, name="demo")

    assert "two.txt:1:9" in str(caught.value)
    assert "one.txt" not in str(caught.value)
    assert "three.txt" not in str(caught.value)
