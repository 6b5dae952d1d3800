"""A project that is pushed, and the images that its jobs leave behind."""

from __future__ import annotations

import json
from pathlib import Path

from tests.engine import engine
from tests.generate.repository import Repository, own
from tests.project import generate
from tests.registry.server import Registry


def forget(name: str) -> None:
    """Remove the images of a name, so that a job does not find those of another."""
    images = engine().images
    for image in images.list():
        if any(f"{name}:" in tag for tag in image.tags):
            images.remove(image.id, force=True)


def ready(path: Path, ci: str, name: str, registry: Registry, store: Path) -> Repository:
    """Return a new project with a registry, and a place for its KPIs."""
    project = generate(path, template="generic", image_name=name, ci=ci, deploy="kubernetes")
    file = project.path / "mldock.json"
    settings = json.loads(file.read_text("utf-8"))
    settings["registry"] = f"{registry.host}/team"
    channel = {"name": "metrics", "remote": str(store), "direction": "output"}
    settings["stages"]["test"] = {"data": [channel]}
    file.write_text(json.dumps(settings, indent=2), "utf-8")
    return own(project.path)


def unique_tag(repository: Repository) -> str:
    """Return the version with the commit that is checked out."""
    return f"0.1.0-{repository.git('rev-parse', '--short=12', 'HEAD').strip()}"
