"""All that a capture writes into the repository, with the record by which it can be made again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from extensions import git
from extensions.capture import Capture, predicts_of, title_of
from extensions.model import CaptureError, File, Tree
from extensions.rendering import captured_ancestors
from extensions.reverse import environment
from extensions.runtime import QUESTION
from extensions.template import ANSWERS_SOURCE, questions_for
from extensions.trees import digest, write_tree
from extensions.variants import variants

PAGE = "templates/README.md"
TABLE = re.compile(r"(?<=<!-- templates -->\n).*?(?=<!-- end of templates -->\n)", re.DOTALL)
SECTION = re.compile(
    r"<!-- template: (?P<name>\S+) -->\n.*?<!-- end of template: (?P=name) -->\n", re.DOTALL
)
GENERATED = Path(__file__).parent / "templates"


def description_of(name: str) -> str:
    """Return where the description of a template is."""
    return f"templates/{name}.yml"


def questions_of(name: str) -> str:
    """Return where the own questions of a template are."""
    return f"templates/_questions/{name}.yml"


def test_of(name: str) -> str:
    """Return where the test of a captured template is."""
    return f"tests/captured/test_{name.replace('-', '_')}.py"


def section_of(name: str) -> str:
    """Return what stands for a template's section of the page among the files of a capture."""
    return f"{PAGE}#{name}"


def assemble(capture: Capture, repository: Path) -> dict[str, File]:
    """Return the files of a capture by path in the repository, and its section of the page."""
    name, jinja, inheritance = capture.name, environment(), capture.inheritance
    files = {f"templates/{name}/{path}": file for path, file in capture.sources.items()}
    asked = questions_for(name, capture.recipe.parameters, capture.occurrences, jinja)
    if asked:
        files[questions_of(name)] = File(dump(asked).encode())
    facts = {"name": name, "title": title_of(capture), "predicts": predicts_of(capture)}
    for path, generated in ((test_of(name), "test.py"), (section_of(name), "section.md")):
        source = (GENERATED / f"{generated}.jinja").read_text("utf-8")
        text = jinja.from_string(source).render(
            **facts,
            parent=inheritance.parent,
            inherited=len(inheritance.origins),
            total=len(capture.project.files),
            fixed=inheritance.fixed,
            questions=capture.recipe.parameters,
        )
        files[path] = File(text.encode())
    # Those whose own questions are this template's too.
    lineage = captured_ancestors(repository / "templates", inheritance.parent)
    described = {
        **facts,
        "family": inheritance.family,
        "ancestors": lineage,
        "fixed": inheritance.fixed,
    }
    text = dump({key: part for key, part in described.items() if part})
    text += "# How it was made: the next capture of the project reads it.\n"
    text += dump({"captured": record(capture, repository) | {"digest": digest(files)}})
    files[description_of(name)] = File(text.encode())
    return files


def record(capture: Capture, repository: Path) -> dict[str, Any]:
    """Return what the next capture of the project needs."""
    try:
        commit = git.run(repository, "rev-parse", "--verify", "HEAD").decode().strip()
    except git.GitError:
        commit = ""
    asked = {"template", QUESTION, *(one.name for one in capture.recipe.parameters)}
    texts = {
        variant.text
        for value in capture.values
        if value.name in ("project_name", "image_name")
        for variant in variants(value)
    }
    parts = {
        "commit": capture.project.commit,
        "templates": commit,
        "parent": capture.inheritance.parent,
        "title": title_of(capture),
        "predicts": predicts_of(capture),
        "answers": {name: answer for name, answer in capture.answers.items() if name not in asked},
        "left": left(capture.sources, texts),
        "recipe": capture.recipe.record(),
    }
    return {name: part for name, part in parts.items() if part}


def left(sources: Tree, texts: set[str]) -> dict[str, int]:
    """Return how often original texts occur in each source, in its name or in its content."""
    counts = {
        path: sum(path.count(text) + file.content.count(text.encode()) for text in texts)
        for path, file in sources.items()
        if path != ANSWERS_SOURCE
    }
    return {path: count for path, count in sorted(counts.items()) if count}


def dump(parts: Mapping[str, object]) -> str:
    """Return a mapping as YAML that people can read."""
    text = yaml.safe_dump(dict(parts), allow_unicode=True, sort_keys=False, width=100)
    if yaml.safe_load(text) == parts:
        return text
    # Unescaped, U+0085 and U+2028 are ends of lines in YAML, and come back as blanks.
    return yaml.safe_dump(dict(parts), sort_keys=False, width=100)


def renderable(files: Tree) -> dict[str, File]:
    """Return those of the files that Copier reads."""
    return {
        path: file
        for path, file in files.items()
        if path.startswith("templates/") and not path.startswith(PAGE)
    }


def sections(page: str) -> dict[str, str]:
    """Return the section of each template, with its marks."""
    return {found["name"]: found[0] for found in SECTION.finditer(page)}


def with_section(page: str, name: str, section: str) -> str:
    """Return the page with the section of a template, in place of the one it has."""
    there = sections(page)
    if name in there:
        return page.replace(there[name], section)
    return f"{page.rstrip()}\n\n{section}"


def with_table(page: str, descriptions: Iterable[Mapping[str, Any]]) -> str:
    """Return the page with a line for each template in its table, between two marks."""

    def cell(text: object) -> str:
        return str(text).replace("|", "\\|").replace("\n", " ")

    lines = [
        f"| [{entry['name']}](#{entry['name']}) | {cell(entry['title'])} "
        f"| {cell(entry['predicts'])} |\n"
        for entry in sorted(descriptions, key=lambda entry: str(entry["name"]))
    ]
    table = "".join(["| name | title | predicts |\n", "|---|---|---|\n", *lines])
    return TABLE.sub(lambda _: table, page, count=1)


def with_page(repository: Path, name: str, files: Tree) -> dict[str, File]:
    """Return the files with the page in the place of the template's section."""
    text = (repository / PAGE).read_text("utf-8") if (repository / PAGE).is_file() else ""
    own = repository / description_of(name)
    others = [path for path in (repository / "templates").glob("*.yml") if path != own]
    described = [path.read_bytes() for path in others] + [files[description_of(name)].content]
    page = with_section(text, name, files[section_of(name)].content.decode())
    page = with_table(page, map(yaml.safe_load, described))
    rest = {path: file for path, file in files.items() if path != section_of(name)}
    return {**rest, PAGE: File(page.encode())}


def check_ignored(repository: Path, files: Tree) -> None:
    """Refuse files that a commit of the templates would leave out."""
    given = b"".join(git.bytes_of(name) + b"\0" for name in files if not name.startswith(PAGE))
    try:
        answer = git.run(repository, "check-ignore", "-z", "--stdin", "--no-index", given=given)
    except git.GitError:
        # None is ignored, or the templates are in no repository.
        return
    ignored = git.text_of(answer).split("\0")[:-1]
    raise CaptureError(
        "The templates' own .gitignore would keep these out of the next commit:\n"
        + "\n".join(f"  {name}" for name in ignored)
        + "\nThey look like what runs leave behind: remove them from the project's git, or change "
        ".gitignore here."
    )


def write(repository: Path, files: Tree, name: str, before: Iterable[str]) -> None:
    """Write the files of a template, and remove those it has no more."""
    for path in sorted(set(before) - files.keys() - {section_of(name)}):
        (repository / path).unlink()
        for folder in (repository / path).parents:
            if folder == repository or any(folder.iterdir()):
                break
            folder.rmdir()
    last = description_of(name)
    write_tree(repository, {path: file for path, file in files.items() if path != last})
    # It makes the template selectable, so all else is there before it.
    write_tree(repository, {last: files[last]})
