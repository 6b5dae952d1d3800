"""`src/requirements.lock`: it satisfies the requirements for every Python and processor."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import nox
import pytest
from packaging.requirements import Requirement

from tests.project import ROOT, TEMPLATES, generate

STORAGES = ["local", "s3", "gs", "az"]
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
MACHINES = ["x86_64", "aarch64"]
RUNTIME = nox.project.load_toml(ROOT / "pyproject.toml")["project"]["dependencies"]


def requirements(lines: list[str]) -> list[Requirement]:
    """Parse each line but its comments."""
    wanted = [re.sub(r"(^| +)#.*", "", line) for line in lines]
    return [Requirement(line) for line in wanted if line]


def environments() -> Iterator[dict[str, str]]:
    """Yield what markers see on Linux with each Python and processor."""
    for python in PYTHONS:
        for machine in MACHINES:
            yield {
                "implementation_name": "cpython",
                "implementation_version": f"{python}.4",
                "os_name": "posix",
                "platform_machine": machine,
                "platform_python_implementation": "CPython",
                "platform_system": "Linux",
                "python_full_version": f"{python}.4",
                "python_version": python,
                "sys_platform": "linux",
            }


def applies(requirement: Requirement, environment: dict[str, str]) -> bool:
    """Say whether the marker of a requirement is true."""
    return requirement.marker is None or requirement.marker.evaluate(environment)


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_lock(tmp_path: Path, template: str, storage: str) -> None:
    """For every Python and processor there is one version of a package, and it is a wanted one."""
    project = generate(tmp_path / "model", template=template, storage=storage)
    lock, own = (
        requirements((project.path / name).read_text("utf-8").splitlines())
        for name in ("src/requirements.lock", "src/requirements.txt")
    )
    assert len(lock) > 10
    assert all([clause.operator for clause in pin.specifier] == ["=="] for pin in lock)
    assert not any(clause.version.endswith("*") for pin in lock for clause in pin.specifier)
    for environment in environments():
        pins = [pin for pin in lock if applies(pin, environment)]
        versions = {pin.name: next(iter(pin.specifier)).version for pin in pins}
        where = (environment["python_version"], environment["platform_machine"])

        assert len(versions) == len(pins), f"two versions of a package for {where}"
        for wanted in [*own, *requirements(RUNTIME)]:
            if applies(wanted, environment):
                assert wanted.name in versions, f"{wanted} is not locked for {where}"
                assert wanted.specifier.contains(versions[wanted.name]), f"{wanted} {where}"


def test_lock_that_is_out_of_date(tmp_path: Path) -> None:
    """A training warns, and a build, which others would get, is refused."""
    project = generate(tmp_path / "model", template="generic")
    path = project.path / "src" / "requirements.txt"
    path.write_text(f"{path.read_text('utf-8')}pytest>=8\n", "utf-8")
    fault = "src/requirements.lock does not hold pytest>=8. Write it anew: nox -s lock"

    trained, built = project.nox("train"), project.nox("build")

    assert trained.returncode == 0
    assert f"warning: {fault}." in trained.stdout
    assert built.returncode == 1
    assert f"{fault}; or build without: nox -s build -- --no-lock" in built.stdout
