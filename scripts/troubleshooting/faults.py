"""What is wrong with the list of messages: what the code says and it does not, and the reverse."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from scripts.troubleshooting.entries import LIST, Entry, covers, sections, symptoms
from scripts.troubleshooting.messages import SHORTEST, Message, messages


def faults() -> list[str]:
    """Return all that is wrong, a line each."""
    entries = [entry for section in sections() for entry in section.entries]
    return [*missing(messages(), entries), *outdated(list(messages()), entries), *wrong(entries)]


def missing(found: Iterable[Message], entries: list[Entry]) -> list[str]:
    """Return the messages of the code that no entry covers."""
    patterns = [pattern for entry in entries for pattern in entry.messages]
    return [
        f"{message.place}: add an entry to docs/troubleshooting/ for: {message.text}"
        for message in found
        if not any(covers(pattern, message.text) for pattern in patterns)
    ]


def outdated(found: list[Message], entries: list[Entry]) -> list[str]:
    """Return the messages of the list that the code does not have any more."""
    return [
        f"docs/troubleshooting/: no code says any more: {pattern}"
        for entry in entries
        for pattern in entry.messages
        if not any(covers(pattern, message.text) for message in found)
    ]


def wrong(entries: list[Entry]) -> list[str]:
    """Return what makes the list useless: messages of few words, twice, or behind no link."""
    every = [pattern for entry in entries for pattern in entry.messages]
    short = [text for text in every if len(re.sub("[^A-Za-z]", "", text)) < SHORTEST]
    anchors = Counter(entry.anchor for entry in entries)
    twice = [text for text, count in (Counter(every) + anchors).items() if count > 1]
    linked = {text for symptom in symptoms() for text in symptom.messages}
    return [
        *(f"{LIST.name}: too few words to search for: {text}" for text in short),
        *(f"{LIST.name}: there twice: {text}" for text in twice),
        *(f"{LIST.name}/start.yml: no entry has: {text}" for text in sorted(linked - {*every})),
    ]
