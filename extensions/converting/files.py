"""The files of the new project: a fresh one of the generic template, with what the old one has."""

from __future__ import annotations

import json
import re

from extensions.converting import dockerfile, prediction, syntax, trainer
from extensions.converting.hyperparameters import hyperparameters
from extensions.converting.imports import PROJECT, Imports
from extensions.converting.modules import Module
from extensions.converting.notes import Notes
from extensions.converting.old import OldProject
from extensions.converting.places import LEGACY, placed
from extensions.converting.requirements import requirements
from extensions.converting.rows import Rows, rows_of
from extensions.converting.settings import settings
from extensions.model import File, Tree
from extensions.rendering.trees import read_tree

# What a fresh project has for its example.
EXAMPLE = re.compile(r"data/.*|payload\..*|tests/test_[^/]+")
OF_THE_EXAMPLE = re.compile(r"(?i)\b(centroids?|flowers?|iris)\b")
TRAINER = f"{LEGACY}/trainer.py"
PREDICTION = f"{LEGACY}/prediction.py"
ASSETS = f"{LEGACY}/assets.py"
LIFECYCLE = f"{LEGACY}/lifecycle.py"

TOOLS = {
    "[tool.ruff]\n": 'extend-exclude = ["src/legacy"]\n',
    "[tool.mypy]\n": 'exclude = "^src/legacy/"\n',
}
UNTYPED = """
[[tool.mypy.overrides]]
# The old code has no types.
module = ["legacy.*"]
follow_imports = "skip"
"""

# What a project of 0.9 has from its image, if it has none of its own.
DEFAULT_LIFECYCLE = b"""\
from legacy.assets import ServingContainer, TrainingContainer
from legacy.mldock import BaseEnvironment, logger

environment = BaseEnvironment()
training_container = TrainingContainer(container_environment=environment)
serving_container = ServingContainer(container_environment=environment)
"""


def files_of(old: OldProject, fresh: Tree, notes: Notes) -> dict[str, File]:
    """Return the files of the new project."""
    files = {path: file for path, file in fresh.items() if not EXAMPLE.fullmatch(path)}
    files |= {path: file for path, file in read_tree(PROJECT).items() if path.endswith(".py")}
    imports = Imports(old.module, old.container.rpartition("/")[2])
    for place, (path, file) in placed(old, fresh, notes).items():
        text = file.text if place.startswith(LEGACY) and place.endswith(".py") else None
        if text is not None:
            file = File(Module(path, text, notes).adapted(imports).encode(), file.executable)
        files[place] = file
    if any(b"from legacy.lifecycle import" in file.content for file in files.values()):
        files.setdefault(LIFECYCLE, File(DEFAULT_LIFECYCLE))
    trees = {path: syntax.parse(text_of(files, path)) for path in (TRAINER, PREDICTION, ASSETS)}
    parameters = hyperparameters(old.section("hyperparameters", dict), trees[TRAINER], notes)
    given = settings(old, json.loads(text_of(fresh, "mldock.json")), parameters, notes)
    folders = {str(one["channel"]) for one in old.entries("model") if one.get("channel")}
    folders |= syntax.model_folders(trees[TRAINER])
    rows = rows_of(old.files.get("payload.json"))
    starts = "startup" in syntax.methods(trees[ASSETS], "ServingContainer")
    if {"cleanup"} & syntax.methods(trees[ASSETS], "ServingContainer"):
        notes.should.append(
            "src/container/assets.py: ServingContainer.cleanup is to be moved there."
        )
    written = {
        "mldock.json": json.dumps(given, indent=2, ensure_ascii=False) + "\n",
        "pyproject.toml": tools(text_of(fresh, "pyproject.toml")),
        "README.md": readme(text_of(fresh, "README.md"), files),
        "src/requirements.txt": requirements(
            text_of(old.files, old.requirements),
            text_of(fresh, "src/requirements.txt"),
            text_of(fresh, "src/container/requirements.txt"),
            notes,
        ),
        "src/trainer.py": trainer.trainer(
            trees[TRAINER],
            parameters,
            [one["name"] for one in given["data"]],
            sorted(folders),
            ASSETS in files,
            notes,
        ),
        "src/prediction.py": prediction.prediction(
            trees[PREDICTION],
            text_of(files, PREDICTION),
            rows,
            startup(files) if starts else None,
            notes,
        ),
    }
    dockerfile.tell(old, notes)
    for channel in given["data"]:
        folder = f"data/{channel['name']}/"
        if not any(path.startswith(folder) for path in files):
            notes.must.append(
                f"{folder}: git has no files of this channel. Put the data there; a small part of "
                "it in git lets the tests train."
            )
    return {
        **files,
        **payload(old, rows),
        **{path: File(text.encode()) for path, text in written.items()},
    }


def text_of(files: Tree, path: str) -> str:
    """Return the text of a file; one that is not there, or is no text, is empty."""
    return files.get(path, File()).text or ""


def startup(files: Tree) -> prediction.Startup:
    """Return the old container: that which its handler knows, where there is one."""
    if LIFECYCLE in files:
        return "from legacy.lifecycle import serving_container", "serving_container"
    return "from legacy.assets import ServingContainer", "ServingContainer()"


def payload(old: OldProject, rows: Rows) -> dict[str, File]:
    """Return examples of a request, in the forms that the server takes."""
    found = {"payload.json": old.files.get("payload.json", File(b"[]\n"))}
    if rows.payload is not None:
        text = json.dumps(rows.payload, indent=2, ensure_ascii=False) + "\n"
        found["payload.json"] = File(text.encode())
    if rows.csv is not None:
        found["payload.csv"] = File(rows.csv.encode())
    return found


def tools(text: str) -> str:
    """Return pyproject.toml, with the old code left out of what checks style and types."""
    for section, line in TOOLS.items():
        text = text.replace(section, section + line, 1)
    return text.replace("\n[tool.pytest", UNTYPED + "\n[tool.pytest", 1)


def readme(text: str, files: Tree) -> str:
    """Return README.md without what it says of the example, and with a way to the one before."""
    sections = re.split(r"(?m)^(?=#{2,3} )", text)
    text = "".join(part for part in sections if not OF_THE_EXAMPLE.search(part))
    before = [path for path in files if path.startswith("docs/before/")]
    said = "Converted from a project of mldock, whose code is in `src/legacy/`." + "".join(
        f" Its README: [{path}]({path})." for path in before
    )
    return re.sub(r"(?ms)^A model in plain numpy.*?\n\n", f"{said}\n\n", text, count=1)
