"""Generate a typed Python client of the model in client/, and an application that uses it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from string import Template
from typing import Any

from mldock import ContainerError
from mldock.cli import options
from mldock.cli.environment import ROOT, find_uv
from mldock.errors import format_error
from mldock.project import Project, read_project
from mldock.serving.messages import JSON, JSON_LINES

Json = dict[str, Any]

GENERATOR = "openapi-python-client==0.29.1"
# The generator and what it writes need this Python too.
PYTHON = ">=3.11"
FOLDER = ROOT / "client"


def main() -> int:
    """Run the session."""
    parser = options.parser(
        "client",
        f"{__doc__} The types are those of src/prediction.py. The client is generated again each "
        "time; client/application.py is yours, and written only if it is missing.",
    )
    parser.parse_args()
    project = read_project(ROOT / "mldock.json")
    package = package_name(project)
    operation = generate(read_document(), package, project.version)
    print(f"client/{package}/ is generated.")
    application = FOLDER / "application.py"
    if application.exists():
        print("client/application.py is yours and stays as it is. Remove it to get a new one.")
    else:
        write_application(application, operation, package)
    print(
        "\nAsk the model that nox -s serve serves, with Python 3.11 or newer:\n\n"
        "  python3 -m venv client/.venv\n"
        "  client/.venv/bin/pip install ./client boto3\n"
        "  client/.venv/bin/python client/application.py payload.json\n"
    )
    return 0


def package_name(project: Project) -> str:
    """Return the name of the package: that of the image without its registry, and `client`."""
    name = re.sub(r"\W+", "_", project.image_name.rpartition("/")[2])
    # No name of a module begins with a digit.
    return f"client_{name}" if name[0].isdigit() else f"{name}_client"


def read_document() -> Json:
    """Return what the server has at /openapi.json; it needs no model and no server.

    Raises:
        ContainerError: The types cannot be read.

    """
    try:
        # Imported here, so that a mistake in the user's code is reported like any other.
        from mldock.serving.openapi import document

        import prediction

        return document(prediction.Service(), [])
    except Exception as error:
        raise ContainerError(
            f"src/prediction.py has no types to read: {format_error(error)}. Correct it; "
            "nox -s test shows where."
        ) from error


def generate(document: Json, package: str, version: str) -> Json:
    """Generate the client and return the operation that predicts.

    Raises:
        ContainerError: The generator fails; it says why itself.

    """
    operation: Json = document["paths"]["/invocations"]["post"]
    # The generator warns, at length, of each type of a body that it has no code for.
    sent = {
        **operation["requestBody"],
        "content": {JSON: operation["requestBody"]["content"][JSON]},
    }
    document["paths"]["/invocations"]["post"] = {**operation, "requestBody": sent}
    config = {
        "project_name_override": package.replace("_", "-"),
        "package_name_override": package,
        # The rest of a version may be what Python does not take as one.
        "package_version_override": re.sub(r"^(\d+\.\d+\.\d+).*", r"\1", version),
        "content_type_overrides": {JSON_LINES: "text/plain"},
        # A choice of texts is a text of these, which prints as itself.
        "literal_enums": True,
        # The generator's own hooks, but for the file that is the user's.
        "post_hooks": [
            "ruff check --fix-only --no-cache --exclude application.py .",
            "ruff format --no-cache --exclude application.py .",
        ],
    }
    # A module of the project may have the name of one that the generator imports.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    print("Generating the client; the first time its generator is downloaded.", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        source, settings = (Path(temporary, name) for name in ("openapi.json", "config.json"))
        source.write_text(json.dumps(document), encoding="utf-8")
        settings.write_text(json.dumps(config), encoding="utf-8")
        tool = [find_uv(), "tool", "run", "--python", PYTHON, "--from", GENERATOR]
        generate = ["openapi-python-client", "generate", "--meta", "uv", "--overwrite"]
        code = subprocess.run(
            [*tool, *generate, "--path", source, "--config", settings, "--output-path", FOLDER],
            env=environment,
            stdout=subprocess.DEVNULL,
        ).returncode
    if code:
        raise ContainerError(
            f"The client was not generated; {GENERATOR} or uv says why above. Without a network "
            "the generator cannot be downloaded."
        )
    return operation


def write_application(path: Path, operation: Json, package: str) -> None:
    """Write the example in the types of the model, formatted by the project's own ruff."""
    sent, received = operation["requestBody"]["content"], operation["responses"]["200"]["content"]
    row, answer = (class_name(content, package) for content in (sent, received))
    example = "application" if JSON in received else "stream"
    text = Path(__file__).with_name(f"{example}.py.txt").read_text(encoding="utf-8")
    names = {"package": package, "row": row, "answer": answer}
    path.write_text(Template(text).substitute(names), encoding="utf-8")
    ruff = [sys.executable, "-m", "ruff"]
    for command in (["check", "--fix-only", "--select", "I"], ["format"]):
        subprocess.run([*ruff, *command, "--quiet", "--no-cache", path], check=True)


def class_name(content: Json, package: str) -> str:
    """Return the generated class of what a line of JSON holds: one row, one answer."""
    schema = content[JSON_LINES]["schema"]["contentSchema"]["$ref"].rpartition("/")[2]
    text = (FOLDER / package / "models" / "__init__.py").read_text(encoding="utf-8")
    # The generator writes Grey_image as GreyImage.
    known: dict[str, str] = {name.lower(): name for name in re.findall(r'"(\w+)"', text)}
    return known[re.sub(r"[\W_]", "", schema).lower()]
