"""A policy scanner finds nothing in the manifests."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.deploy_kubernetes.conftest import Projects
from tests.deploy_kubernetes.projects import CASES, KINDS, STAGES, Deployed, find, pod_of

TRIVY = Path(sys.executable).with_name("trivy")

IGNORED = {
    # The namespace is chosen when they are applied: one a stage.
    "KSV-0110",
    # It knows the registries of four clouds; which one is trusted is for a project to say.
    "KSV-0125",
}


def scan(folder: Path) -> set[tuple[str, str]]:
    """Return the checks that failed, each with its file; the scanner's own checks, offline."""
    command = [str(TRIVY), "config", "--quiet", "--skip-check-update", "--format", "json"]
    result = subprocess.run(
        [*command, "--cache-dir", str(folder / "cache"), str(folder / "manifests")],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert result.returncode == 0, result.stderr
    report: dict[str, Any] = json.loads(result.stdout)
    return {
        (finding["ID"], file["Target"])
        for file in report["Results"]
        for finding in file.get("Misconfigurations", [])
        if finding["ID"] not in IGNORED
    }


def write(folder: Path, name: str, objects: list[dict[str, Any]]) -> None:
    """Write a manifest for the scanner."""
    (folder / "manifests").mkdir(exist_ok=True)
    (folder / "manifests" / f"{name}.yaml").write_text(yaml.safe_dump_all(objects), "utf-8")


def test_no_finding(projects: Projects, tmp_path: Path) -> None:
    """Nothing of any severity, but for what is ignored with its reason."""
    distinct: dict[str, dict[str, Any]] = {}
    for case in CASES:
        project = projects(*case)
        for objects in [project.overlay(stage, kind) for stage in STAGES for kind in KINDS]:
            distinct |= {json.dumps(one): one for one in objects}
        if project.storage == "s3":
            retrained = project.overlay("prod", "train", "retrain")
            distinct |= {json.dumps(one): one for one in retrained}
    for number, one in enumerate(distinct.values()):
        write(tmp_path, f"{number}-{one['kind']}", [one])

    assert scan(tmp_path) == set()


def test_the_scanner_finds_faults(made: Deployed, tmp_path: Path) -> None:
    """A container that may write to its root filesystem is found."""
    objects = made.overlay("prod", "serve")
    (container,) = pod_of(find(objects, "Deployment"))["spec"]["containers"]
    container["securityContext"]["readOnlyRootFilesystem"] = False
    write(tmp_path, "faulty", objects)

    assert scan(tmp_path) == {("KSV-0014", "faulty.yaml")}
