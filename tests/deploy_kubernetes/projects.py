"""Projects with something to deploy, and the tool run in them as `nox -s deploy` runs it."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.generate.repository import own
from tests.project import generate

STAGES = ("dev", "test", "prod")
KINDS = ("serve", "train")
# Each storage and each template once: the manifests of templates differ in the component for
# Kubeflow alone.
CASES = (("generic", "local"), ("sklearn", "s3"), ("pytorch", "gs"), ("generic", "az"))

IMAGE = "registry.example.com/team/My_model".lower()
NAME = "my-model"

Objects = list[dict[str, Any]]


@dataclass
class Deployed:
    """A project in a folder, under version control."""

    path: Path
    template: str
    storage: str
    built: dict[tuple[str, str], Objects] = field(default_factory=dict)

    def build(self, folder: str) -> str:
        """Return what plain kubectl builds of a folder of deploy/kubernetes."""
        command = ["kubectl", "kustomize", f"deploy/kubernetes/{folder}"]
        result = subprocess.run(command, cwd=self.path, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def overlay(self, stage: str, kind: str, *components: str) -> Objects:
        """Return the objects of an overlay, with components as a person would add them."""
        if not components:
            if (stage, kind) not in self.built:
                self.built[stage, kind] = parse(self.build(f"overlays/{stage}/{kind}"))
            return copy.deepcopy(self.built[stage, kind])
        folder = self.path / "deploy" / "kubernetes" / "overlays" / stage / "with-component"
        folder.mkdir(exist_ok=True)
        content = {
            "resources": [f"../{kind}"],
            "components": [f"../../../components/{name}" for name in components],
        }
        (folder / "kustomization.yaml").write_text(json.dumps(content), "utf-8")
        try:
            return parse(self.build(f"overlays/{stage}/with-component"))
        finally:
            shutil.rmtree(folder)

    def deploy(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the platform."""
        paths = os.pathsep.join([str(self.path), str(self.path / "src")])
        return subprocess.run(
            [sys.executable, "-m", "mldock", "deploy", "kubernetes", *arguments],
            cwd=self.path,
            env={**os.environ, **variables, "PYTHONPATH": paths},
            capture_output=True,
            text=True,
            timeout=600,
        )

    def render(self, *arguments: str) -> Objects:
        """Return the objects that the tool would apply."""
        result = self.deploy(*arguments, "--dry-run")
        assert result.returncode == 0, result.stderr
        return parse(result.stdout)

    def settle(self, change: dict[str, Any]) -> None:
        """Change mldock.json, and commit it."""
        path = self.path / "mldock.json"
        content = json.loads(path.read_text("utf-8"))
        path.write_text(json.dumps(content | change), "utf-8")
        git = ["git", "-c", "user.name=test", "-c", "user.email=test@example.com"]
        subprocess.run([*git, "commit", "--quiet", "--all", "-m", "x"], cwd=self.path, check=True)

    def copy(self, path: Path) -> Deployed:
        """Return a copy in another folder."""
        shutil.copytree(self.path, path, symlinks=True)
        return Deployed(path, self.template, self.storage)


def make(path: Path, template: str, storage: str) -> Deployed:
    """Make a project whose image has a name that no object of Kubernetes could have."""
    generate(path, template=template, storage=storage, image_name=IMAGE, deploy="kubernetes")
    own(path)
    return Deployed(path, template, storage)


def parse(text: str) -> Objects:
    """Return the objects of a YAML text."""
    return list(yaml.safe_load_all(text))


def find(objects: Objects, kind: str) -> dict[str, Any]:
    """Return the one object of a kind."""
    (found,) = [one for one in objects if one["kind"] == kind]
    return found


def pod_of(workload: dict[str, Any]) -> dict[str, Any]:
    """Return the pod that a Deployment, a Job or a CronJob makes."""
    spec = workload["spec"].get("jobTemplate", workload)["spec"]
    pod: dict[str, Any] = spec["template"]
    return pod
