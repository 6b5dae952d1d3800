"""Each message of a failure has an entry in the list, each entry a message, and the page is new."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.troubleshooting.entries import Entry, sections, symptoms
from scripts.troubleshooting.faults import missing, outdated, wrong
from scripts.troubleshooting.messages import ROOT, Message, messages, of_module, of_questions
from scripts.troubleshooting.page import PAGE, page
from scripts.troubleshooting.texts import Module

ENTRIES = [entry for section in sections() for entry in section.entries]


@pytest.fixture(scope="module")
def said() -> list[Message]:
    """Return all messages of the code."""
    return list(messages())


def test_each_message_has_an_entry(said: list[Message]) -> None:
    """A person finds every message on the page."""
    assert len(said) > 400
    assert not missing(said, ENTRIES)


def test_each_entry_has_a_message(said: list[Message]) -> None:
    """The page has nothing that nobody says any more."""
    assert not outdated(said, ENTRIES)


def test_the_list_can_be_searched() -> None:
    """No message is there twice or too short, and each symptom leads to an entry."""
    assert not wrong(ENTRIES)
    assert all(symptom.messages for symptom in symptoms())


def test_the_page_is_of_the_list() -> None:
    """Nobody has edited the page, or the list alone."""
    assert PAGE.read_text("utf-8") == page(), "Write it anew: python -m scripts.troubleshooting"


def told(source: str) -> list[tuple[int, str]]:
    """Return the messages of some code, with their lines."""
    module = Module(ROOT / "code.py", source, lambda _: None)
    return [(message.line, message.text) for message in of_module(module)]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('raise ValueError(f"{path} is no folder. Name one.")', "... is no folder. Name one."),
        ('raise ValueError("no " + kind + " is left over")', "no ... is left over"),
        ('log.warning("%s takes %.1f s, too long", a, b)', "... takes ... s, too long"),
        ('sys.exit(f"git {name} failed at once")', "git ... failed at once"),
        ('print(f"{image} does not serve: going back")', "... does not serve: going back"),
        ('HINT = "Start it"\nraise ValueError(f"nothing runs. {HINT}")', "nothing runs. Start it"),
        ('def f():\n    text = "all is lost"\n    raise ValueError(text)', "all is lost"),
        ('def f(): return "all is lost"\nraise ValueError(f())', "all is lost"),
        (
            'def f():\n    a = []\n    a.append("all is lost")\n    raise E("\\n".join(a))',
            "all is lost",
        ),
        ('def _fault(self): return "all is lost"', "all is lost"),
    ],
)
def test_messages_are_found_in_all_their_forms(source: str, text: str) -> None:
    """However an error gets its words, they are found."""
    assert text in [text for _, text in told(source)]


def test_both_of_two_texts_are_found() -> None:
    """A message that depends on something is two."""
    source = 'raise ValueError("the file is empty" if empty else "the file is damaged")'
    assert told(source) == [(1, "the file is empty"), (1, "the file is damaged")]


def test_a_message_without_an_entry_is_named_with_its_place() -> None:
    """Who adds an error is told where it is, and what to do."""
    message = Message("nobody has written of this", ROOT / "scripts" / "demo.py", 7)
    (fault,) = missing([message], ENTRIES)
    assert fault.startswith("scripts/demo.py:7: add an entry to docs/troubleshooting/")
    entry = Entry(("nobody has ... of this",), "train", "", "")
    assert not missing([message], [entry])
    assert outdated([], [entry]) == [
        "docs/troubleshooting/: no code says any more: nobody has ... of this"
    ]


def test_what_a_question_refuses_is_found(tmp_path: Path) -> None:
    """The questions of Copier have messages too, between conditions and values."""
    path = tmp_path / "copier.yml"
    path.write_text(
        'name:\n  type: str\n  validator: "{% if bad %}Not {{ name }}, another name.{% endif %}"\n'
    )
    assert [(one.line, one.text) for one in of_questions(path)] == [(3, "Not ..., another name.")]
