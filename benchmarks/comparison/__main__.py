"""Packages, code, mistakes and dead workers beside peers: `nox -s bench -- comparison`."""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import signal
import sys
import tempfile
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from benchmarks.comparison import footprint, mistakes
from benchmarks.comparison.deaths import Deaths, kill_workers
from benchmarks.comparison.products import PRODUCTS, TYPED, Flower, Place, Product, train
from benchmarks.comparison.table import table
from benchmarks.serving import environments
from benchmarks.serving.commands import ROOT, free_port
from benchmarks.serving.models import Models
from benchmarks.serving.process import running


@dataclass(frozen=True)
class Result:
    """What was found of a product."""

    title: str
    packages: int
    megabytes: float
    lines: int
    mistakes: dict[str, str]
    deaths: Deaths


def main() -> None:
    """Measure, and print the table."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parser = argparse.ArgumentParser(prog="comparison", description=__doc__)
    products = [one.title for one in PRODUCTS]
    parser.add_argument("--kills", type=int, default=20, help="workers killed of each (20)")
    parser.add_argument(
        "--product", action="append", choices=products, help="which; repeatable (all)"
    )
    parser.add_argument(
        "--environments",
        type=Path,
        default=cache / "mldock-benchmark",
        help="kept (in the cache of the user)",
    )
    parser.add_argument("--output", type=Path, help="a file for what was found, as JSON (none)")
    options = parser.parse_args()
    if not shutil.which("nginx"):
        sys.exit(
            "nginx cannot be found on PATH, with which a project is served here as in its image. "
            "Install it, for example with: apt-get install nginx"
        )
    # Who is told to stop stops the servers too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chosen = [one for one in PRODUCTS if one.title in (options.product or [one.title])]
    results = []
    with tempfile.TemporaryDirectory(prefix="mldock-benchmark-") as name:
        folder = Path(name)
        tell("a project is generated and trained")
        # The project is `project-forest`; its requirements are those of every environment.
        options.libraries = Models(folder, ROOT, None).make("forest").requirements
        for product in chosen:
            results.append(compare(product, folder, options))
            tell(str(results[-1]))
    found = [asdict(result) for result in results]
    if options.output:
        options.output.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(table(found))


def compare(product: Product, folder: Path, options: argparse.Namespace) -> Result:
    """Install a product, serve the typed model with it, ask it and kill its workers."""
    project = folder / "project-forest"
    served_by, counted = executables(product, project, options)
    own = folder / product.file.removesuffix(".py")
    own.mkdir()
    model = train(served_by, folder / "iris.joblib")
    place = Place(served_by, own, free_port(), project, model)
    with running(product.command(place), product.environment_of(place), own) as server:
        server.wait_until_ready(partial(ask, product, place, [mistakes.FLOWER]))
        found = mistakes.told(partial(send, product, place)) if product.checks else {}
        one = partial(ask, product, place, [mistakes.FLOWER])
        deaths = kill_workers(server.process.pid, product.clients, options.kills, one)
    return Result(
        product.title,
        footprint.packages(counted),
        footprint.megabytes(counted),
        footprint.lines_of_code(TYPED / product.file),
        found,
        deaths,
    )


def executables(product: Product, project: Path, options: argparse.Namespace) -> tuple[Path, Path]:
    """Return where a product runs, and where all that is there is what serves.

    A generated project's own environment holds its tools too; its image has what the lock names.
    """
    if product.environment:
        name, libraries = product.environment, options.libraries
        place = environments.provide(name, libraries, options.environments, None)
        return place, place
    image = project.parent / "image"
    environments.uv("venv", "--python", sys.executable, str(image))
    lock = str(project / "src/requirements.lock")
    environments.uv("pip", "install", "--python", str(image), "-r", lock)
    return project / ".venv/bin", image / "bin"


def send(product: Product, place: Place, flowers: list[Flower]) -> tuple[int, str]:
    """Send flowers over a connection of their own, and return the status and the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", place.port, timeout=10)
    try:
        body = json.dumps(product.encode(flowers))
        connection.request("POST", product.path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read().decode()
    except http.client.HTTPException as error:
        raise ConnectionError(repr(error)) from error
    finally:
        connection.close()


def ask(product: Product, place: Place, flowers: list[Flower]) -> None:
    """Ask for kinds.

    Raises:
        OSError: There is no answer, or one that is no prediction.

    """
    status, body = send(product, place, flowers)
    # Cog tells a failure with 200.
    if status != 200 or '"status":"failed"' in body:
        raise ConnectionError(f"{status}: {body[:100]}")


def tell(text: str) -> None:
    """Print progress, apart from the table."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
