"""mldock.json of the new project, from the settings of the old one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from extensions.converting.channels import STAGE, channels
from extensions.converting.hyperparameters import Hyperparameter
from extensions.converting.notes import Notes
from extensions.converting.old import OldProject
from extensions.model import File
from extensions.scanning.secrets import scan

SECRET = re.compile(
    r"(?:^|_)(?:API_?KEY|AUTH|CREDENTIALS?|DSN|KEY|PASS|PASSWORD|PASSWD|PAT|PWD|SECRETS?|TOKEN)(?:_|$)"
)
CHANNEL = re.compile(r"(MODEL_)?(INPUT|OUTPUT)_(MODEL_)?CHANNEL_.+")
BUILT_STAGES = ("dev", "test", "prod")


def settings(
    old: OldProject, fresh: Mapping[str, Any], parameters: list[Hyperparameter], notes: Notes
) -> dict[str, Any]:
    """Return mldock.json.

    Args:
        old: The old project.
        fresh: mldock.json of a fresh project, whose own examples make room.
        parameters: The hyperparameters.
        notes: Are told what cannot be carried.

    """
    data, data_remote = channels(old, "data", notes)
    model, model_remote = channels(old, "model", notes)
    stages: dict[str, Any] = {name: {} for name in BUILT_STAGES}
    stages |= {str(name): stage_of(value) for name, value in old.section("stages", dict).items()}
    variables = environment(old, notes)
    staged = {name: value for name, value in variables.items() if CHANNEL.fullmatch(name)}
    moved = {"data": data_remote, "model": model_remote, "environment": staged}
    stages[STAGE] |= {name: value for name, value in moved.items() if value}
    tell(old, stages, data_remote + model_remote, notes)
    return {
        **fresh,
        "environment": {name: value for name, value in variables.items() if name not in staged},
        "hyperparameters": {one.field: one.default for one in parameters if one.is_given},
        "data": data,
        "model": model,
        "stages": stages,
    }


def stage_of(value: Any) -> dict[str, Any]:
    """Return what a stage keeps: its tag."""
    tag = value.get("tag") if isinstance(value, dict) else None
    return {"tag": str(tag)} if tag else {}


def tell(
    old: OldProject, stages: Mapping[str, Any], remotes: list[dict[str, Any]], notes: Notes
) -> None:
    """Tell what became of channels, stages and routines."""
    if remotes:
        named = ", ".join(dict.fromkeys(one["name"] for one in remotes))
        notes.adapted.append(
            f"The remotes of {named} stand at the stage "
            f"{STAGE} of mldock.json, where mldock moved channels. Elsewhere data/ is taken."
        )
    others = [name for name in stages if name not in BUILT_STAGES]
    if others:
        notes.should.append(
            f"The stages {', '.join(others)} have no overlay in deploy/kubernetes/overlays/. "
            "Copy one there if you deploy them to a cluster."
        )
    for name, commands in old.section("routines", dict).items():
        notes.left.append(
            f"routine {name} ({json.dumps(commands, ensure_ascii=False)}): "
            "nox -s build, train, serve and deploy take its place; noxfile.py is yours to extend"
        )


def environment(old: OldProject, notes: Notes) -> dict[str, Any]:
    """Return the variables of a run, without the secrets among them."""
    kept: dict[str, Any] = {}
    secrets = []
    for key, value in old.section("environment", dict).items():
        name = re.sub(r"[ -]", "_", str(key)).upper()
        name = name.removeprefix("MLDOCK_")
        text = value if isinstance(value, str) else json.dumps(value)
        if SECRET.search(name) or scan({"env": File(f"{name} = {text!r}\n".encode())}):
            secrets.append(name)
        elif name in ("STAGE", "HYPERPARAMETERS"):
            notes.left.append(f"environment.{key}: --stage and -p of nox -s train say it now")
        else:
            kept[name] = value if isinstance(value, str | int | float | bool) else text
    if secrets:
        notes.should.append(
            f"What looks like a secret in {old.config} is in no file here. Write it into .env, "
            "which git ignores: " + " ".join(f"MLDOCK_{name}=..." for name in secrets)
        )
    return kept
