"""What a source includes is put into it, and it renders as before, whatever is answered."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from extensions.inheriting.inlining import INCLUDE, inlined
from extensions.inheriting.sources import Parent
from extensions.model import File
from extensions.rendering.render import Rendering
from extensions.rendering.trees import write_tree
from tests.project import ROOT, TEMPLATES

NOTHING = Rendering({}, {}, frozenset())
CONTEXTS: list[dict[str, object]] = [{"yes": True, "text": "x"}, {"yes": False, "text": " \n"}]

piece = st.sampled_from(
    [
        " ",
        "\n",
        "word\n",
        "}}",
        "-%}",
        "{%- if yes %}in{% endif %}",
        "{% if yes -%}\n in \n{%- endif -%}",
        "{{ text }}",
        "{{- text -}}",
        "{#- told -#}",
        "{% raw %} {{ {% endraw %}",
    ]
)
part = st.lists(piece, max_size=4).map("".join)
dash = st.sampled_from(["", "-"])
include = st.builds('{{%{} include "{}" {}%}}'.format, dash, st.sampled_from(["a", "b"]), dash)


@contextmanager
def parent_of(files: dict[str, str]) -> Iterator[Parent]:
    """Yield a template for some texts to be included in."""
    with tempfile.TemporaryDirectory() as folder:
        write_tree(Path(folder), {name: File(text.encode()) for name, text in files.items()})
        yield Parent(Path(folder), "none", NOTHING)


def rendered(parent: Parent, text: str) -> list[str]:
    """Return what a source renders to."""
    template = parent.environment.from_string(text)
    return [template.render(context) for context in CONTEXTS]


@example('{{ text -}}{% include "a" %}', " in\n", "")
@example('{% include "a" %}\n{{- text }}', "in\n", "")
@example('{{ text }} {%- include "a" -%} ', "{{ text }}", "")
@settings(deadline=None)
@given(st.lists(part | include, max_size=6).map("".join), part, part | include)
def test_renders_as_before(text: str, first: str, second: str) -> None:
    """Blanks, dashes and literal braces around an include change nothing."""
    with parent_of({"a": first, "b": second.replace('"b"', '"a"')}) as parent:
        wanted = rendered(parent, text)

        assert rendered(parent, inlined(parent, text)) == wanted


@pytest.mark.parametrize("template", TEMPLATES)
def test_our_own(template: str) -> None:
    """Each include of our templates can be put in."""
    parent = Parent(ROOT, "none", NOTHING)
    paths = [*(ROOT / "templates" / template).rglob("*.jinja")]
    texts = [path.read_text("utf-8") for path in paths]
    found = [inlined(parent, text) for text in texts]

    assert "{% include" in "".join(texts)
    assert not [text for text in found if INCLUDE.search(text)]


def test_a_name_that_is_set_stays_where_it_is() -> None:
    """An included text that sets a name is not put in: outside of it the name is unknown."""
    with parent_of({"a": "{% set text = 1 %}"}) as parent:
        assert inlined(parent, '{% include "a" %}{{ text }}') == '{% include "a" %}{{ text }}'


def test_lines_stay_lines() -> None:
    """A condition that is included stands on a line of its own."""
    with parent_of({"a": "{%- if yes %}\ns3\n{%- endif -%}\n"}) as parent:
        text = inlined(parent, 'numpy\n{%- include "a" %}\n')

    assert text == "numpy\n{%- if yes %}\ns3\n{%- endif %}\n"
