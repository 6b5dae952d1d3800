"""The environment of a project: updated where that will do, and only for what it depends on."""

from __future__ import annotations

from pathlib import Path

from tests.project import generate

INSTALLING = "Installing the requirements into .venv"


def test_what_somebody_added_stays(tmp_path: Path) -> None:
    """A requirement is added to the environment; one of another Python is made anew."""
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

    settings.write_text(settings.read_text("utf-8") + "\n[tool.uv.pip]\nno-build = true\n", "utf-8")
    assert INSTALLING in project.nox("schema").stdout
    assert kernel.exists()

    config = venv / "pyvenv.cfg"
    text = config.read_text("utf-8").replace("version_info = 3.", "version_info = 2.")
    config.unlink()
    config.write_text(text, "utf-8")
    requirements.write_text(f"{requirements.read_text('utf-8')}\nflask\n", "utf-8")
    assert INSTALLING in project.nox("schema").stdout
    assert not kernel.exists()
    assert project.nox("schema").returncode == 0
