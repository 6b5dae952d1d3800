"""The environment of a project: updated where that will do, and only for what it depends on."""

from __future__ import annotations

from pathlib import Path

from tests.project import generate

INSTALLING = "Installing the requirements into .venv"


def test_what_somebody_added_stays(tmp_path: Path) -> None:
    """A requirement is added to the environment; with another index it is made anew."""
    project = generate(tmp_path / "iris", template="generic")
    assert project.nox("schema").returncode == 0
    venv = project.path / ".venv"
    kernel = venv / "share" / "jupyter" / "kernels" / "mine" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text("{}", "utf-8")

    settings = project.path / "pyproject.toml"
    settings.write_text(settings.read_text("utf-8") + "\n[tool.mine]\nkey = 1\n", "utf-8")
    assert INSTALLING not in project.nox("schema").stdout

    requirements = project.path / "requirements-dev.txt"
    requirements.write_text(f"{requirements.read_text('utf-8')}\nwerkzeug\n", "utf-8")
    assert INSTALLING in project.nox("schema").stdout
    assert INSTALLING not in project.nox("schema").stdout
    assert kernel.exists()

    text = settings.read_text("utf-8")
    settings.write_text(f"{text}\n[tool.uv.pip]\nno-build = true\n", "utf-8")
    assert INSTALLING in project.nox("schema").stdout
    assert not kernel.exists()
