"""Trees of any names, bytes and values: each is given back, or refused with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from extensions import proofs
from extensions.capture import capture
from extensions.model import CaptureError, File, Tree
from extensions.project import Project
from extensions.recipe import Recipe
from extensions.record import assemble, renderable
from extensions.refusals import refusals
from tests.capture.making import silent
from tests.capture.trees import READY, as_tree
from tests.generate.repository import Repository

NAMES = ["Churn Model", "churn_model", "churnModel v2", "Zebra"]
SPELLED = ["churn_model", "churn-model", "ChurnModel", "CHURN_MODEL", "Churn Model", "zebra"]
WORDS = [*SPELLED, "Zebra", "ZEBRA", "churnModel_v2", "demographic", "zebras", "myZebra"]
JINJA = [
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "{",
    "}",
    "{% raw %}",
    "{% endraw %}",
    "{%- endraw -%}",
]
BREAKS = ["\n", "\r\n", "\r", "\n\n", "\u2028", "\x85", "\ufeff", " ", "\t"]
PIECES = st.sampled_from(
    [*WORDS, *JINJA, *BREAKS, "$", "\\", "'", '"', "é", "日本", "\x00", "-", "_"]
)
TEXTS = st.lists(PIECES | st.text(max_size=3), max_size=12).map("".join)
CONTENTS = TEXTS.map(lambda text: text.encode("utf-8", "ignore")) | st.binary(max_size=30)
FILES = st.builds(File, CONTENTS, st.booleans())
PARTS = st.lists(
    st.sampled_from([*SPELLED, "{", "}", "{{", "ü", "x", " ", ".", "-", ".jinja", ".py", "{%"]),
    min_size=1,
    max_size=4,
).map("".join)
ODD = st.sampled_from([".gitignore", ".gitattributes", ".jinja", "page.html.jinja", "empty"])
PATHS = st.lists(PARTS | ODD, min_size=1, max_size=3).map("/".join)
TREES = st.dictionaries(PATHS, FILES, min_size=1, max_size=12)


def possible(tree: Tree) -> bool:
    """Return whether a file system can have these files and a capture takes them."""
    folders = {parent.as_posix() for path in tree for parent in Path(path).parents}
    return not folders & tree.keys() and not refusals(tree, (), ("*",))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(tree=TREES, name=st.sampled_from(NAMES))
def test_given_back_byte_for_byte(snapshot: Repository, tree: Tree, name: str) -> None:
    """Names, bytes and modes come back, and other answers leave nothing that is not reported."""
    assume(possible({**tree, **as_tree(READY)}))
    project = Project(Path("/nowhere"), "0" * 40, {**as_tree(READY), **tree}, {})
    recipe = Recipe(data={"project_name": name}, allowed=("*",))
    try:
        made = capture(project, "mine", recipe, snapshot.path)
    except CaptureError as error:
        refusal = str(error)
    else:
        refusal = ""
    if refusal:
        event("refused")
        assert "Rename" in refusal
        return
    files = assemble(made, snapshot.path)
    found = proofs.rendered_twice(made, snapshot.path, renderable(files), silent)

    assert [one.holds for one in found] == [True, True]
    assert assemble(capture(project, "mine", recipe, snapshot.path), snapshot.path) == files


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"a": b"churn_model", "a.jinja": b"x"}, "a and a.jinja"),
        ({"a.jinja": b"\xff"}, "not UTF-8 text"),
    ],
)
def test_refused(snapshot: Repository, files: dict[str, bytes], reason: str) -> None:
    """What Copier could not give back is refused, with the file and what to do."""
    project = Project(Path("/nowhere"), "0" * 40, as_tree({**READY, **files}), {})

    with pytest.raises(CaptureError, match=reason) as caught:
        capture(project, "mine", Recipe(data={"project_name": "Churn Model"}), snapshot.path)

    assert "Rename" in str(caught.value)
