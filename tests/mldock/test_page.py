"""What docs/coming-from-mldock.md says is complete, and its commands run."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

from tests.capture.making import run
from tests.capture.trees import build
from tests.client import free_port
from tests.generate.repository import Repository, make
from tests.mldock.generations import B
from tests.project import ROOT, Project

PAGE = (ROOT / "docs" / "coming-from-mldock.md").read_text("utf-8")

# All commands of mldock 0.9.2.
COMMANDS = {
    "configure": "init workspace local templates remotes show reset",
    "projects": "init update summary",
    "stages": "manage",
    "local": "build train deploy predict stop",
    "registry": "push pull",
    "templates": "create",
    "datasets": "create update remove push pull",
    "models": "create update remove push pull",
    "packages": "pack",
    "logs": "show errors=show metrics=show params=show grok=parse",
}
SETTINGS = """image_name template requirements_dir mldock_module_dir container_dir data model stages
routines hyperparameters environment channel filename type remote remote_path compression tag
routine"""


def test_each_command() -> None:
    """Every command of mldock has its line."""
    told = set(re.findall(r"`([a-z]+(?: [a-z]+)+)`", PAGE))

    for group, names in COMMANDS.items():
        for name in names.split():
            assert f"{group} {name.replace('=', ' ')}" in told


def test_each_setting() -> None:
    """Every key of mldock's settings has its line."""
    table = PAGE.partition("## Settings")[2].partition("## Variables")[0]

    assert set(SETTINGS.split()) <= set(re.findall(r"`([a-z_]+)`", table))


def test_sessions() -> None:
    """The sessions that stand in for commands are there."""
    sessions = (ROOT / "templates/_shared/project/noxfile.py").read_text("utf-8")
    sessions += (ROOT / "noxfile.py").read_text("utf-8")

    for name in set(re.findall(r"nox -s ([a-z-]+)", PAGE)):
        assert f"def {name}(" in sessions or f'name="{name}"' in sessions


def test_commands_run(templates: Repository, tmp_path: Path) -> None:
    """From an old project to a template, and to a server that answers, as the page has it."""
    repository = templates.clone(tmp_path / "templates")
    build(tmp_path / "old-project", B)
    lines = re.findall(r"^\$ (.*)$", PAGE, re.MULTILINE)
    captures = [line for line in lines if "build-template" in line]
    for line in captures:
        path = repository.path / line.rpartition(" ")[2]
        result = run(repository, path, "--json", "--no-tests")
        assert result.returncode == 0, result.stderr
        data = json.loads(result.stdout)
        assert ("conversion" in data) == (path.name == "old-project")
        assert [proof["holds"] for proof in data["proofs"]] == [True, True, True, False]
    repository.commit()
    made = make(repository, tmp_path / "sizes", template="shape-model", project_name="sizes").path
    assert json.loads((made / "mldock.json").read_text("utf-8"))["image_name"] == "sizes"
    trainer = "src/legacy/trainer.py"
    assert (made / trainer).read_bytes() == (
        tmp_path / "old-project-converted" / trainer
    ).read_bytes()
    assert lines[len(captures) :] == [
        "cd ../old-project-converted",
        "nox -s train",
        "nox -s serve",
        "nox -s predict -- payload.json",
    ]
    project = Project(tmp_path / "old-project-converted")
    trained = project.nox("train")
    assert trained.returncode == 0, trained.stdout
    server = project.start("serve", "--port", str(free_port()))
    try:
        deadline = time.monotonic() + 120
        while (answer := project.nox("predict", "payload.json")).returncode:
            assert server.poll() is None
            assert time.monotonic() < deadline, answer.stdout
            time.sleep(0.2)
        assert '"small"' in answer.stdout
        assert '"large"' in answer.stdout
        assert "small" in project.nox("predict", "payload.csv").stdout
    finally:
        project.nox("stop")
        server.wait(60)
