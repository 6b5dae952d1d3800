"""src/trainer.py of the new project: it calls the trainer of the old one."""

from __future__ import annotations

import ast
import json

from extensions.converting import syntax
from extensions.converting.hyperparameters import Hyperparameter
from extensions.converting.notes import Notes

# What mldock's own entry point called.
NAME = "run_training"

TEXT = '''\
"""Yours: how the model is trained. The old trainer lies in `src/legacy/trainer.py`.

`train` gives it what mldock gave it. Move its code here piece by piece: with `environment.channel`,
`environment.model_dir` and `report_metric` nothing of `src/legacy/` is needed any more.
"""

from __future__ import annotations
{imports}

class Hyperparameters(BaseModel):
    """What a run may change: `nox -s train -- -p NAME VALUE`."""
{fields}

# Channels that the old trainer reads, and folders below the model's that it saves to.
CHANNELS: list[str] = {channels}
MODEL_FOLDERS: list[str] = {folders}


def train(environment: Environment, hyperparameters: Hyperparameters) -> None:
    """Call the old trainer, which reads the channels and saves the model."""
{body}
'''

UNFINISHED = """\
    del environment, hyperparameters
    raise ContainerError(
        "src/trainer.py: the conversion found nothing to call. Call from `train` what trains in "
        "src/legacy/."
    )"""


def trainer(
    tree: ast.Module | None,
    parameters: list[Hyperparameter],
    channels: list[str],
    folders: list[str],
    has_assets: bool,
    notes: Notes,
) -> str:
    """Return the source of src/trainer.py.

    Args:
        tree: The old trainer.
        parameters: Its hyperparameters.
        channels: The channels that it reads.
        folders: The folders below the model's that it saves to.
        has_assets: Whether there is an old `TrainingContainer`.
        notes: Are told what cannot be done.

    """
    found = syntax.function(tree, NAME)
    # A decorator has given it the container's environment; without one, train.py did the rest.
    is_whole = found is not None and (found.decorator_list or not syntax.needed(found))
    if found is None or not is_whole:
        notes.must.append(
            f"src/trainer.py: there is no {NAME}() that can be called as mldock did. Call what "
            "trains from `train`; the old code is in src/legacy/."
        )
        return source(parameters, channels, folders, [], UNFINISHED)
    names = {one.field: one.name for one in parameters if one.field != one.name}
    given = ["    BaseEnvironment.hyperparameters = hyperparameters.model_dump()"]
    if names:
        given = [
            "    given = hyperparameters.model_dump()",
            f"    for field, name in {json.dumps(names, ensure_ascii=False)}.items():",
            "        given[name] = given.pop(field)",
            "    BaseEnvironment.hyperparameters = given",
        ]
    made = [
        "    for channel in CHANNELS:",
        "        # Says which one is missing.",
        "        environment.channel(channel)",
        "    for folder in MODEL_FOLDERS:",
        "        (environment.model_dir / folder).mkdir(parents=True, exist_ok=True)",
    ]
    imports = ["from legacy.mldock import BaseEnvironment", f"from legacy.trainer import {NAME}"]
    call = f"    {NAME}()"
    if not found.decorator_list and has_assets:
        imports.insert(0, "from legacy.assets import TrainingContainer")
        call = f"    TrainingContainer(environment=BaseEnvironment()).run({NAME})"
    notes.adapted.append(f"src/trainer.py calls {NAME}() of src/legacy/trainer.py.")
    return source(parameters, channels, folders, imports, "\n".join([*given, *made, call]))


def source(
    parameters: list[Hyperparameter],
    channels: list[str],
    folders: list[str],
    imports: list[str],
    body: str,
) -> str:
    """Put the parts together."""
    needs_any = any("Any" in one.annotation for one in parameters)
    lines = ["", *(["from typing import Any", ""] if needs_any else [])]
    names = "ContainerError, Environment" if body == UNFINISHED else "Environment"
    lines += ["from pydantic import BaseModel", "", f"from container.lifecycle import {names}"]
    return TEXT.format(
        imports="\n".join([*lines, *imports, ""]),
        fields="\n".join(["", *(one.line for one in parameters), ""] if parameters else [""]),
        channels=json.dumps(channels),
        folders=json.dumps(folders),
        body=body,
    )
