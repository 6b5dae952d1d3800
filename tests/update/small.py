"""A template so small that it is rendered at once; its projects have the doctor of ours."""

from __future__ import annotations

from pathlib import Path

from tests.generate.repository import Repository, make_at, own

COPIER = """\
_subdirectory: "templates/{{ template }}"
template: {type: str, choices: [other, small], default: other}
"""
FILES = {
    ".gitignore": b".env\n__pycache__/\n",
    "README.md": b"# Small\n\nFirst.\n\nSecond.\n\nThird.\n",
    "logo.gif": b"GIF89a\0one",
    "names.csv": b"name\nMuller\nSmith\n",
    "payload.json": b"[1]\n",
    "{{ _copier_conf.answers_file }}.jinja": b"{{ _copier_answers | to_nice_yaml -}}\n",
}


def small_templates(path: Path, tag: str | None = "v1.0.0") -> Repository:
    """Return a repository with two templates, and with a release if it gets a tag."""
    path.mkdir()
    (path / "copier.yml").write_text(COPIER, "utf-8")
    for name in ("other", "small"):
        folder = path / "templates" / name
        folder.mkdir(parents=True)
        for file, content in FILES.items():
            (folder / file).write_bytes(content)
    repository = own(path)
    if tag:
        repository.git("tag", tag)
    return repository


def small_project(templates: Repository, path: Path, version: str | None = None) -> Repository:
    """Return a project of the small template in the hands of its owner."""
    return own(make_at(templates, path, version, template="small").path)


def improve(templates: Repository, tag: str | None = None) -> None:
    """Commit another version, as a release when it gets a tag."""
    templates.replace("templates/small/README.md", "Third.", "Third, improved.")
    templates.commit(tag=tag)
