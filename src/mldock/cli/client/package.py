"""The generated package: made by openapi-python-client, in an environment of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from mldock import ContainerError
from mldock.cli.client.document import Json
from mldock.cli.environment import ROOT, find_uv
from mldock.project import read_project

GENERATOR = "openapi-python-client==0.29.1"
# What it makes needs this Python too.
PYTHON = ">=3.11"

FOLDER = ROOT / "client"
FILES = Path(__file__).with_name("files")
# What is ours in the package; it names no type of the model.
MODULES = ("connection.py", "sagemaker.py")

CONFIG = {
    # A choice of texts is a text of these, which prints as itself.
    "literal_enums": True,
    # The same, whatever settings of ruff lie around.
    "post_hooks": [
        "ruff check --isolated --no-cache --fix-only --select F401,I,UP --quiet .",
        "ruff format --isolated --no-cache --quiet .",
    ],
}


def package_name() -> str:
    """Return what the package is called: as the image, without its registry."""
    name = re.sub(r"\W+", "_", read_project(ROOT / "mldock.json").image_name.rpartition("/")[2])
    # No name of a module begins with a digit.
    return f"client_{name}" if name[0].isdigit() else f"{name}_client"


def generate(document: Json, package: str) -> None:
    """Put the package in the place of that of the last time, and its document beside it.

    Raises:
        ContainerError: The generator fails.

    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        source, config = folder / "openapi.json", folder / "config.json"
        source.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        config.write_text(json.dumps(CONFIG), encoding="utf-8")
        run_generator(source, config, folder / package)
        for name in MODULES:
            shutil.copyfile(FILES / f"{name}.txt", folder / package / name)
        # Tells type checkers that the package is typed.
        (folder / package / "py.typed").touch()
        FOLDER.mkdir(exist_ok=True)
        if (FOLDER / package).exists():
            shutil.rmtree(FOLDER / package)
        shutil.move(folder / package, FOLDER / package)
        shutil.move(source, FOLDER / "openapi.json")


def run_generator(source: Path, config: Path, target: Path) -> None:
    """Generate; what it finds wrong it says itself."""
    tool = [find_uv(), "tool", "run", "--python", PYTHON, "--from", GENERATOR]
    options = ["--path", str(source), "--config", str(config), "--output-path", str(target)]
    # A module of the project may have the name of one that the generator imports.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    code = subprocess.run(
        [*tool, "openapi-python-client", "generate", "--meta", "none", *options],
        env=environment,
        stdout=subprocess.DEVNULL,
    ).returncode
    if code or not target.is_dir():
        raise ContainerError(
            f"The client is not made; {GENERATOR} or uv says why above. Without a network, the "
            "generator cannot be fetched; what it cannot express is a type of src/prediction.py."
        )
