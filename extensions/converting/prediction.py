"""src/prediction.py of the new project: it calls the handler of the old one."""

from __future__ import annotations

import ast

from extensions.converting import syntax
from extensions.converting.hyperparameters import literal
from extensions.converting.notes import Notes
from extensions.converting.rows import Rows

# An import, and what it brings.
Startup = tuple[str, str]

# What mldock's server called with the body of a request.
NAME = "handler"
# What a project of mldock answers until somebody writes its prediction.
PLACEHOLDER = "pred_1"

# In characters.
LONGEST = 60

TEXT = '''\
"""Yours: how the model answers. The old code lies in `src/legacy/prediction.py`.

`predict` calls its `handler` as mldock's server did. Move its code here piece by piece: what loads
the model into `load`, what answers into `predict`. Then say what an answer is in `Answer`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

{imports}

class Row(BaseModel):
    """A row of a request. The types come from an example: correct them."""

    model_config = ConfigDict(extra="forbid")

{fields}


class Answer(BaseModel):
    """The answer to a row."""

    prediction: Any


class Service(ModelService[Row, Answer]):
    """Answers rows with what the old handler says of them."""

    input_type = Row
    output_type = Answer

    def load(self, model_dir: Path) -> None:
        """Let the old code load the model, which knows where it is."""
{load}

    def predict(self, rows: Sequence[Row]) -> list[Answer]:
        """Answer each row, in order."""
{predict}
'''

ALL = """\
        answers = listed(handler({call}))
        if not isinstance(answers, list) or len(answers) != len(rows):
            raise ValueError(f"handler gives {{answers!r:.80}} to {{len(rows)}} rows: one each.")
        return [Answer(prediction=answer) for answer in answers]"""

UNFINISHED = """\
        del rows
        raise ContainerError(
            "src/prediction.py: the conversion found nothing to call. Load the model in `load`, "
            "and answer in `predict`; the old code is in src/legacy/."
        )"""

EACH = """\
        return [Answer(prediction=listed(handler({call}))) for row in rows]"""


def prediction(
    tree: ast.Module | None, text: str, rows: Rows, startup: Startup | None, notes: Notes
) -> str:
    """Return the source of src/prediction.py.

    Args:
        tree: The old prediction.
        text: Its source.
        rows: What a request looks like.
        startup: The old container, if it has a `startup` of its own.
        notes: Are told what cannot be done.

    """
    found = syntax.function(tree, NAME)
    # `wrap` of the container gives it the last two.
    given = 3 if found and found.decorator_list else 1
    is_usable = found is not None and syntax.needed(found) <= given
    tell(is_usable, text, rows, notes)
    if not is_usable:
        return source(rows, [], ["del model_dir"], UNFINISHED)
    imports = ["from legacy.mldock import listed", f"from legacy.prediction import {NAME}"]
    load = ["del model_dir"]
    if startup:
        imports.insert(0, startup[0])
        load.append(f"{startup[1]}.startup()")
    example = example_of(rows)
    if example:
        load += [
            "# What answers an example has loaded.",
            f"self.predict([Row.model_validate({example})])",
        ]
    body = (EACH if rows.each else ALL).format(call=rows.call)
    return source(rows, imports, load, body)


def example_of(rows: Rows) -> str | None:
    """Return a row as source, if it is short enough to be read."""
    if not rows.examples:
        return None
    pairs = [f"{literal(name)}: {literal(value)}" for name, value in rows.examples[0].items()]
    text = f"{{{', '.join(pairs)}}}"
    return text if len(text) <= LONGEST else None


def tell(is_usable: bool, text: str, rows: Rows, notes: Notes) -> None:
    """Tell what a person has to do for the server."""
    if not is_usable:
        notes.must.append(
            f"src/prediction.py: there is no {NAME}(json_input) that can be called as mldock did. "
            "Load the model in `load`, answer in `predict`; the old code is in src/legacy/."
        )
    else:
        notes.adapted.append(f"src/prediction.py calls {NAME}() of src/legacy/prediction.py.")
    if PLACEHOLDER in text:
        notes.must.append(
            "src/prediction.py: the old code answers with the placeholder of mldock's "
            "template. Load the model in `load`, and answer in `predict`."
        )
    if not rows.examples:
        notes.must.append(
            "src/prediction.py, payload.json: no example of a request is there. Write the fields "
            "of `Row`, and a request into payload.json."
        )
    else:
        notes.should.append(
            "src/prediction.py: names and types of `Row` come from payload.json. Correct them; "
            "what they do not admit is refused with a reason."
        )
    if rows.csv is None:
        notes.must.append(
            "payload.csv: write the rows of payload.json with a header, which tests/contract/ "
            "sends to the server."
        )
    if rows.payload is not None:
        notes.should.append(
            'Clients send rows as [...] or as {"instances": [...]}: payload.json has the new form.'
        )
    if notes.cut:
        notes.should.append(
            "The server is the template's own now. What the old routes did beside calling "
            f"{NAME} belongs into `predict`: see what was taken out in CONVERTED.md."
        )


def source(rows: Rows, imports: list[str], load: list[str], body: str) -> str:
    """Put the parts together."""
    has_alias = any("Field(" in field for field in rows.fields)
    names = ["BaseModel", "ConfigDict", *(["Field"] if has_alias else [])]
    first = [f"from pydantic import {', '.join(names)}", ""]
    if body == UNFINISHED:
        first.append("from container.lifecycle import ContainerError")
    first.append("from container.prediction.service import ModelService")
    return TEXT.format(
        imports="\n".join([*first, *imports, ""]),
        fields="\n".join(rows.fields),
        load="\n".join(f"        {line}" for line in load),
        predict=body,
    )
