"""All that a capture writes, with the record by which it can be made again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from extensions.capture import Capture, predicts_of, title_of
from extensions.forms import forms
from extensions.model import File, Tree
from extensions.reading import git
from extensions.rendering.staging import captured_ancestors
from extensions.rendering.trees import digest
from extensions.reverse import environment
from extensions.storing import metadata
from extensions.storing.recapture import PAGE, description_of, questions_of, section_of, test_of
from extensions.storing.template import ANSWERS_SOURCE


def assemble(capture: Capture, repository: Path) -> dict[str, File]:
    """Return the files of a capture by path in the repository.

    The section of the page that lists the templates stands under the page's path and `#NAME`.
    """
    name, jinja = capture.name, environment()
    inheritance = capture.inheritance
    files = {f"templates/{name}/{path}": file for path, file in capture.sources.items()}
    asked = metadata.questions(name, capture.recipe.parameters, capture.sites, jinja)
    if asked:
        files[questions_of(name)] = File(asked.encode())
    files[test_of(name)] = text_file(metadata.rendered("test.py", jinja, name=name))
    section = metadata.rendered(
        "section.md",
        jinja,
        name=name,
        title=title_of(capture),
        predicts=predicts_of(capture),
        parent=inheritance.parent,
        inherited=len(inheritance.origins),
        total=len(capture.project.files),
        fixed=inheritance.fixed,
        questions=capture.recipe.parameters,
    )
    files[section_of(name)] = text_file(section)
    # Those whose own questions are this template's too.
    lineage = captured_ancestors(repository / "templates", inheritance.parent)
    description = metadata.description(
        {
            "name": name,
            "title": title_of(capture),
            "predicts": predicts_of(capture),
            "family": inheritance.family,
            **({"ancestors": lineage} if lineage else {}),
        },
        inheritance.fixed,
        record(capture, repository) | {"digest": digest(files)},
    )
    files[description_of(name)] = text_file(description)
    return files


def record(capture: Capture, repository: Path) -> dict[str, Any]:
    """Return what the next capture of the project needs."""
    parts = {
        "commit": capture.project.commit,
        "templates": commit_of(repository),
        "parent": capture.inheritance.parent,
        "title": title_of(capture),
        "predicts": predicts_of(capture),
        "answers": originals(capture),
        "left": left(capture.sources, texts_of(capture)),
        "recipe": capture.recipe.record(),
    }
    return {name: part for name, part in parts.items() if part}


def originals(capture: Capture) -> dict[str, Any]:
    """Return the project's answers, those that are now fixed not among them."""
    parameters = {parameter.name for parameter in capture.recipe.parameters}
    return {
        name: answer
        for name, answer in capture.answers.items()
        if name != "template" and name not in parameters
    }


def commit_of(repository: Path) -> str | None:
    """Return the commit of the templates, if they are under version control."""
    try:
        return git.run(repository, "rev-parse", "--verify", "HEAD").decode().strip()
    except git.GitError:
        return None


def texts_of(capture: Capture) -> set[str]:
    """Return the texts by which a project could be told from another of its template."""
    return {
        form.text
        for value in capture.values
        if value.name in ("project_name", "image_name")
        for form in forms(value)
    }


def left(sources: Tree, texts: set[str]) -> dict[str, int]:
    """Return how often original texts stand in each source, in its name or in its content."""
    counts = {
        path: sum(path.count(text) + file.content.count(text.encode()) for text in texts)
        for path, file in sources.items()
        if path != ANSWERS_SOURCE
    }
    return {path: count for path, count in sorted(counts.items()) if count}


def text_file(text: str) -> File:
    """Return a file with a text."""
    return File(text.encode())


def renderable(files: Tree) -> Mapping[str, File]:
    """Return those of the files that Copier reads."""
    return {
        path: file
        for path, file in files.items()
        if path.startswith("templates/") and not path.startswith(f"{PAGE}#")
    }
