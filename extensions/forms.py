"""The spellings of a value: `churn-model`, `churn_model`, `ChurnModel` and so on.

What computes a spelling is a Jinja expression, the same that a hidden question of the template
has. So what the capture looks for is what a new project gets.
"""

from __future__ import annotations

from functools import cache

from jinja2 import Template

from extensions.model import Form, Value
from extensions.reverse import environment

_SNAKE = (
    r"regex_replace('([a-z0-9])([A-Z])', '\\1_\\2') | lower"
    r" | regex_replace('[\\W_]+', '_') | trim('_')"
)

# By the end of the variable's name.
_FILTERS = {
    "snake": _SNAKE,
    "kebab": f"{_SNAKE} | replace('_', '-')",
    "pascal": f"{_SNAKE} | replace('_', ' ') | title | replace(' ', '')",
    "upper": f"{_SNAKE} | upper",
    "title": f"{_SNAKE} | replace('_', ' ') | title",
}


def forms(value: Value) -> list[Form]:
    """Return the forms of a value, the raw one first.

    Several may have the same text; none has no text.
    """
    spellings = {value.name: value.text}
    if value.has_forms:
        context = {value.name: value.text}
        for variable, template in _templates(value.name).items():
            spellings[variable] = template.render(context)
    return [Form(value, variable, text) for variable, text in spellings.items() if text]


def expressions(name: str) -> dict[str, str]:
    """Return the default of each hidden question that spells the answer to a question.

    Args:
        name: The question.

    Returns:
        By variable, a text with one `{{ … }}`. None needs another of them, so those that nobody
        uses can be left out.

    """
    prefix = "project" if name == "project_name" else name
    return {
        f"{prefix}_{kind}": f"{{{{ {name} | {filters} }}}}" for kind, filters in _FILTERS.items()
    }


def kind_of(form: Form) -> str:
    """Return `snake`, `kebab`, `pascal`, `upper`, `title`, or `raw`."""
    return "raw" if form.variable == form.value.name else form.variable.rpartition("_")[2]


@cache
def _templates(name: str) -> dict[str, Template]:
    jinja = environment()
    return {
        variable: jinja.from_string(expression)
        for variable, expression in expressions(name).items()
    }
