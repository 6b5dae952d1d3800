"""What Copier is told to make the new project of."""

from __future__ import annotations

import re
from collections.abc import Mapping

from extensions.converting.dockerfile import python_of
from extensions.converting.notes import Notes
from extensions.converting.old import OldProject

IMAGE = re.compile(r"[a-z0-9]+([._/:-]+[a-z0-9]+)*")
STORES = {"aws": "s3", "gcp": "gs", "sagemaker": "s3"}


def answers(old: OldProject, given: Mapping[str, str], notes: Notes) -> dict[str, str]:
    """Return the answers; what a person gives with --data goes first."""
    image = str(old.settings.get("image_name") or old.root.name)
    name = given.get("project_name") or name_of(image.rpartition("/")[2])
    found = {
        "template": "generic",
        "project_name": name,
        "description": f"What {name} predicts.",
        "storage": storage_of(old),
        # Nobody has asked for a workflow; `copier update --data ci=github` brings one.
        "ci": "none",
    }
    if IMAGE.fullmatch(image):
        found["image_name"] = image
    else:
        notes.adapted.append(f"The image's name {image!r} is none for Docker; it is derived.")
    if version := python_of(old):
        found["python_version"] = version
    else:
        notes.adapted.append("Python is the newest that the template offers, no more 3.8.")
    return {**found, **given}


def name_of(text: str) -> str:
    """Return a name that a project can have."""
    name = re.sub(r"[^A-Za-z0-9 ._-]+", "-", text).strip(" ._-")
    return (name if name[:1].isalpha() else f"model-{name}")[:64].strip(" ._-")


def storage_of(old: OldProject) -> str:
    """Return the storage of the remotes, or that of the old template."""
    places = [*old.remotes.values()]
    for kind in ("data", "model"):
        places += [str(one.get("remote")) for one in old.entries(kind)]
    schemes = {place.partition("://")[0] for place in places if "://" in place}
    for scheme in ("s3", "gs"):
        if scheme in schemes:
            return scheme
    return STORES.get(str(old.settings.get("template")), "local")
