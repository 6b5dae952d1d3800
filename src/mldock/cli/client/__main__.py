"""Make a typed Python client of the model in client/, and an example application that uses it."""

from __future__ import annotations

from mldock.cli import options
from mldock.cli.client.document import document_at, own_document, read_model
from mldock.cli.client.example import payload, write
from mldock.cli.client.package import FOLDER, generate, package_name
from mldock.cli.environment import ROOT


def main() -> int:
    """Run the session."""
    parser = options.parser(
        "client",
        f"{__doc__} The package in it is made anew each time; the application and pyproject.toml "
        "are yours, and written only where there are none.",
        "--url http://127.0.0.1:8080",
    )
    parser.add_argument(
        "--url",
        metavar="URL",
        help="take the types from the server at this address (from src/prediction.py)",
    )
    url = parser.parse_args().url
    print(f"Reading the types of {url or 'src/prediction.py'}.", flush=True)
    model = read_model(document_at(url) if url else own_document())
    package = package_name()
    print("Generating the client; its generator is fetched once.", flush=True)
    generate(model.document, package)
    kept = list(write(model, package))
    print(f"{FOLDER.name}/{package}/ is made anew.")
    for path in kept:
        other = "" if package in path.read_text("utf-8") else f", though it does not use {package}"
        print(f"{path.relative_to(ROOT)} is yours and stays as it is{other}.", end=" ")
        print("Remove it to get a new one.")
    print(
        "\nAsk the model that nox -s serve serves, with Python 3.11 or newer:\n\n"
        "  python3 -m venv client/.venv\n"
        "  client/.venv/bin/pip install ./client\n"
        f"  client/.venv/bin/python client/application.py {payload()}\n"
    )
    return 0
