"""A source that was written backwards renders to the text that it was written from."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import copier
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader

from extensions.model import CaseVariant, Occurrence, Status, Value
from extensions.reverse import ReverseExtension, environment, reverse, reverse_name

JINJA = environment()
VALUES = {"project_name": "churn", "sign": "{", "odd": "é\r\n{%"}

# Whatever Jinja gives a meaning to, alone and as parts of more.
SYNTAX = ["{", "}", "%", "#", "{{", "}}", "{%", "%}", "{#", "#}", "-", "+", "|", "'", '"', "\\"]
WORDS = ["raw", "endraw", "{% raw %}", "{%- endraw -%}", "{% endraw %}", "$", " ", "\t", "x", "1"]
ENDS = ["\n", "\r\n", *"\r\x0b\x0c\x1c\x85\u2028\ufeffé\U0001f40d", "e\u0301"]
TEXTS = st.lists(st.sampled_from([*SYNTAX, *WORDS, *ENDS, *VALUES.values()]), max_size=25)
FUZZ = settings(max_examples=500, deadline=None)


def sites_in(
    text: str, *, in_name: bool = False, values: dict[str, str] = VALUES
) -> list[Occurrence]:
    """Return an occurrence for each place where a value stands; the longest value first."""
    by_text = {value: name for name, value in values.items()}
    pattern = "|".join(re.escape(value) for value in sorted(by_text, key=len, reverse=True))
    return [
        Occurrence(
            path="file",
            start=found.start(),
            end=found.end(),
            line=0 if in_name else 1,
            column=found.start() + 1,
            variant=CaseVariant(Value(by_text[found[0]], found[0]), by_text[found[0]], found[0]),
            status=Status.ACCEPTED,
        )
        for found in re.finditer(pattern, text)
    ]


@FUZZ
@given(TEXTS.map("".join), st.randoms(use_true_random=False))
@example("{churn}{{churn}}{%churn%}", Random(1))
@example("\r  {{ a }} {{ b }}\r\n", Random(1))
def test_round_trip(text: str, random: Random) -> None:
    """Any text with any of its values substituted comes back."""
    occurrences = [occurrence for occurrence in sites_in(text) if random.random() < 0.7]

    source = reverse(JINJA, text, occurrences)

    assert JINJA.from_string(source).render(VALUES) == text


@settings(FUZZ, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS.map("".join))
def test_round_trip_through_a_file(tmp_path: Path, text: str) -> None:
    """It comes back too when the source is a file, whose line ends the loader makes alike."""
    jinja = JINJA.overlay(loader=FileSystemLoader(tmp_path), cache_size=0)
    source = reverse(jinja, text, sites_in(text))
    (tmp_path / "file").write_bytes(source.encode())

    assert jinja.get_template("file").render(VALUES) == text


ENVIRONMENTS = {
    "asp": Environment(
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<%=",
        variable_end_string="%>",
        comment_start_string="<!--",
        comment_end_string="-->",
    ),
    "lines": Environment(line_statement_prefix="%", line_comment_prefix="##"),
    "trimmed": Environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=False),
    "crlf": Environment(newline_sequence="\r\n", keep_trailing_newline=True),
    "mac": Environment(newline_sequence="\r"),
}


@pytest.mark.parametrize("name", ENVIRONMENTS)
@settings(FUZZ, max_examples=200)
@given(data=st.data())
def test_other_environments(name: str, data: st.DataObject) -> None:
    """The delimiters and the line ends are the environment's."""
    jinja = ENVIRONMENTS[name]
    signs = ["<", "<%", "%>", "<%=", "<!--", "[[", "[[[", "]]", "[#", "##", "[", "]", " \n", "  "]
    text = data.draw(st.lists(st.sampled_from([*SYNTAX, *WORDS, *ENDS, *signs, "churn"])))
    joined = "".join(text)

    source = reverse(jinja, joined, sites_in(joined, values={"name": "churn"}))

    assert jinja.from_string(source).render(name="churn") == joined


@FUZZ
@given(TEXTS.map("".join))
def test_names(text: str) -> None:
    """A part of a path comes back, and nothing in its source is a sign that Windows forbids."""
    source = reverse_name(text, sites_in(text, in_name=True))

    assert JINJA.from_string(source).render(VALUES) == text
    allowed = re.sub(r"\{\{ ([a-z_]+|'\{'|'\\r') \}\}", "", source)
    assert [sign for sign in '"|:<>?*' if allowed.count(sign) > text.count(sign)] == []


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("plain } %} #}", "plain } %} #}"),
        ("name = churn", "name = {{ project_name }}"),
        ("${#a[@]}", "${{ '{' }}#a[@]}"),
        ("${{ a.b }}", "${{ '{' }}{ a.b }}"),
        ("  - ${{ a }}-${{ b }}\n", "  {% raw %}- ${{ a }}-${{ b }}{% endraw %}\n"),
        ("${{ a }} ${{ b }} churn", "{% raw %}${{ a }} ${{ b }}{% endraw %} {{ project_name }}"),
        ("one\r\ntwo\r\n", "one{{ '\\r' }}\ntwo{{ '\\r' }}\n"),
        ("{churn}", "{{ '{' }}{{ project_name }}}"),
    ],
)
def test_source(text: str, source: str) -> None:
    """The source is as readable as its text allows."""
    values = {"project_name": "churn"}

    assert reverse(JINJA, text, sites_in(text, values=values)) == source


def test_left_sites_stay() -> None:
    """An occurrence that is left, and one in the other part of a file, is no expression."""
    text = "churn churn"
    first, second = sites_in(text)
    left = Occurrence("file", second.start, second.end, 1, 7, second.variant, Status.KEPT)

    assert reverse(JINJA, text, [first, left]) == "{{ project_name }} churn"
    assert reverse_name(text, [first, left]) == text


def test_wrong_sites_are_refused() -> None:
    """Occurrences that overlap, or that are elsewhere, are a mistake of the caller."""
    occurrence = sites_in("churn")[0]

    with pytest.raises(ValueError, match="overlap"):
        reverse(JINJA, "churn", [occurrence, occurrence])
    with pytest.raises(ValueError, match="not there"):
        reverse(JINJA, "chum chum", [occurrence])


def test_filter() -> None:
    """The extension gives any environment a filter, which minds the delimiters."""
    jinja = Environment(extensions=[ReverseExtension], variable_start_string="<<")

    assert jinja.from_string("<< text | to_template([]) }}").render(text="<<") == "<< '<' }}<"
    assert jinja.from_string("<< 'ab' | reverse }}").render() == "ba"


NASTY = {
    "crlf.txt": "churn {{ x }}\r\n{% raw %}\r\nlone\rcr {#",
    "bom.txt": "\ufeffchurn {%- endraw -%} \u2028 \x85 }}",
    "work.yml": "run: ${{ secrets.A }}:${{ secrets.B }} {{churn}} ${#a[@]}\n\n",
    "a {{b}} {#c#} {% d/churn {%/e 'f' é.txt": "churn",
}


def test_real_copier(tmp_path: Path) -> None:
    """Copier itself gives the texts and the names back."""
    source, target = tmp_path / "source", tmp_path / "target"
    for name, text in NASTY.items():
        path = source / f"{reverse_name(name, sites_in(name, in_name=True))}.jinja"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(reverse(JINJA, text, sites_in(text)).encode())
    (source / "copier.yml").write_text(
        "_envops: {undefined: jinja2.StrictUndefined}\nproject_name: churn\n"
        "sign: {default: '{', when: false}\n_exclude: [copier.yml]\n"
    )

    copier.run_copy(str(source), target, data={"sign": "{"}, defaults=True, quiet=True)

    found = {
        path.relative_to(target).as_posix(): path.read_bytes().decode()
        for path in target.rglob("*")
        if path.is_file()
    }
    assert found == NASTY
