"""An old project of mldock: how it is recognised, what its files and its settings say."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from extensions.model import CaptureError, Tree
from extensions.options.values import recorded_answers
from extensions.reading.project import read

# The last until 0.8.25.
CONFIGS = ("mldock.yaml", "mldock.yml", "mldock.json")

# A mldock.json of a project of today has none of them.
KEYS = {"container_dir", "mldock_module_dir", "requirements_dir", "routines"}


@dataclass(frozen=True)
class OldProject:
    """A project of mldock.

    Attributes:
        root: Its folder.
        files: What git tracks.
        config: The file of its settings.
        settings: What that file says.
        remotes: The places that `.mldock/config` names.

    """

    root: Path
    files: Tree
    config: str
    settings: Mapping[str, Any]
    remotes: Mapping[str, str]

    @property
    def module(self) -> str:
        """The folder of its code."""
        return posixpath.normpath(str(self.settings.get("mldock_module_dir") or "src"))

    @property
    def container(self) -> str:
        """The folder of what its image is made of."""
        return f"{self.module}/{self.settings.get('container_dir') or 'container'}"

    @property
    def requirements(self) -> str:
        """The file of its requirements; the key of the settings says folder."""
        return str(self.settings.get("requirements_dir") or f"{self.module}/requirements.txt")

    @property
    def generation(self) -> str:
        """How old it is: A had assets.py in the container's folder, B had train.py, C has none."""
        if f"{self.container}/assets.py" in self.files:
            return "A (up to 0.8.20)"
        if f"{self.container}/training/train.py" in self.files:
            return "B (0.8.21 to 0.8.25)"
        return "C (0.9)"

    def section(self, name: str, kind: type[Any]) -> Any:
        """Return a part of the settings; an absent or empty one is empty."""
        part = self.settings.get(name) or kind()
        if not isinstance(part, kind):
            raise CaptureError(
                f"{self.root / self.config}: {name} is no {'list' if kind is list else 'mapping'}. "
                "Correct it, and commit."
            )
        return part

    def entries(self, name: str) -> list[dict[str, Any]]:
        """Return those entries of a list that are mappings, as all are that mldock wrote."""
        return [one for one in self.section(name, list) if isinstance(one, dict)]


def is_old(path: Path) -> bool:
    """Say whether a folder is a project of mldock, and of no template."""
    return not recorded_answers(path) and _config(path) is not None


def read_old(path: Path) -> OldProject:
    """Read a project of mldock: what git tracks, also what no template would take."""
    config = _config(path)
    assert config is not None
    # What is tracked by mistake is left behind, and told.
    project = read(path, allowed=["*"])
    if config not in project.files:
        raise CaptureError(f"{project.root / config} is not in git. Commit it.")
    settings = _load(project.root / config)
    return OldProject(project.root, project.files, config, settings, _remotes(project.root))


def _config(path: Path) -> str | None:
    """Return the file of the settings, if it is one of mldock."""
    for name in CONFIGS:
        if (path / name).is_file() and (name != "mldock.json" or KEYS & _load(path / name).keys()):
            return name
    return None


def _remotes(root: Path) -> dict[str, str]:
    """Return the places that are named on this machine."""
    path = root / ".mldock" / "config"
    remotes = _load(path).get("remotes") if path.is_file() else None
    found = [one for one in remotes or [] if isinstance(one, dict)]
    return {str(one["name"]): str(one["path"]) for one in found if one.get("path")}


def _load(path: Path) -> dict[str, Any]:
    """Read a mapping of YAML or JSON."""
    try:
        text = path.read_text("utf-8")
        # YAML takes no tabs, which JSON may be indented with.
        value = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise CaptureError(f"{path} cannot be read: {error}\nCorrect it.") from None
    if value is not None and not isinstance(value, dict):
        raise CaptureError(f"{path} holds no settings. Bring back what mldock wrote.")
    return value or {}
