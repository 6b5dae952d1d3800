"""Values that no project has."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from extensions.model import File, Value
from extensions.parameters import parse
from extensions.sentinels import WORDS, sentinel_answers
from extensions.variants import variants

ANSWERS = {
    "project_name": "churn",
    "description": "Counts.",
    "image_name": "churn",
    "base_image": "python:3.13-slim",
    "storage": "s3",
}


@given(st.sets(st.sampled_from(WORDS)), st.sampled_from([str, str.upper, str.title]))
def test_nowhere_in_the_project(words: set[str], spelled: type[str]) -> None:
    """No word of them stands in a file or a name, in whatever case."""
    files = {f"{word}.txt": File(spelled(word).encode()) for word in words}
    parameters = [parse("epochs=70007"), parse("city=Bern"), parse("rate=0.5"), parse("on=True")]
    files["n.txt"] = File(b"epochs=70007")

    answers = sentinel_answers(files, ANSWERS, parameters)

    held = "\n".join([*files, *(file.text or "" for file in files.values())]).lower()
    said = [word for answer in answers.values() for word in re.findall(r"\w+", str(answer).lower())]
    invented = {
        word for word in said if word.startswith(WORDS) or (len(word) > 4 and word.isdecimal())
    }
    assert len(invented) >= 14
    assert not {word for word in invented if word in held}
    assert answers == sentinel_answers(files, ANSWERS, parameters)
    assert set(answers) == set(ANSWERS) - {"storage"} | {"epochs", "city", "rate", "on"}
    assert answers["on"] is False


def test_forms_differ() -> None:
    """Each variant of a sentinel name is another text, so that none can stand for another."""
    name = str(sentinel_answers({}, ANSWERS, ())["project_name"])

    texts = [variant.text for variant in variants(Value("project_name", name, has_variants=True))]

    assert len(set(texts)) == len(texts) == 6
