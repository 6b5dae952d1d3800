"""What surrounds Copier while it renders is there for it alone, and only meanwhile."""

from __future__ import annotations

import subprocess
import sys
from typing import ClassVar

import plumbum
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, UndefinedError
from jinja2.ext import Extension

from extensions.parent import environment
from extensions.rendering.surroundings import Constant, constant_names, nobody_there, without_git
from tests.project import ROOT

texts = st.lists(
    st.sampled_from(
        ["a", "{", "}", "{{ 1 }}", "{% if 1 %}", "{% endif %}", "{# ", "#}", "\r", "\n", "é"]
    )
).map("".join)


def test_git_and_terminal() -> None:
    """Copier finds no git and nobody to ask; others find git all the same."""
    terminal = sys.stdin
    with without_git(), nobody_there():
        assert "git" not in plumbum.local
        assert sys.stdin.read() == ""
        subprocess.run(["git", "version"], check=True, stdout=subprocess.DEVNULL)
    assert "git" in plumbum.local
    assert sys.stdin is terminal


def rendered(jinja: Environment, text: str) -> str:
    """Return what a text renders to, or why it does not."""
    try:
        return jinja.from_string(text).render()
    except Exception as error:
        return repr(error)


@given(texts)
def test_names(text: str) -> None:
    """Any text renders as without the short cut."""
    jinja = environment(ROOT)
    wanted = rendered(jinja, text)
    with constant_names():
        assert rendered(jinja, text) == wanted


def test_only_meanwhile() -> None:
    """A text without an expression is not compiled meanwhile, and is afterwards."""
    jinja = environment(ROOT)
    with constant_names():
        assert isinstance(jinja.from_string("src"), Constant)
        with pytest.raises(UndefinedError):
            jinja.from_string("{{ nothing }}").render()
    assert not isinstance(jinja.from_string("src"), Constant)
    assert not isinstance(Environment(line_comment_prefix="#").from_string("src"), Constant)


class Listening(Extension):
    """Notes what is compiled."""

    heard: ClassVar[list[str]] = []

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Note a source."""
        self.heard.append(source)
        return super().preprocess(source, name, filename)


def test_extensions_see_each_text() -> None:
    """Copier's own extension forgets a loop of one name when it sees the next."""
    jinja = Environment(extensions=[Listening])
    with constant_names():
        jinja.from_string("src")
    assert Listening.heard == ["src"]
