"""The files of `templates/NAME/`: what the parent gives, and what is the project's own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from jinja2 import Environment

from extensions.model import CaptureError, File, Site, Tree
from extensions.reverse import reverse, reverse_name

ANSWERS = ".copier-answers.yml"
ANSWERS_SOURCE = "{{ _copier_conf.answers_file }}.jinja"
ANSWERS_TEXT = """\
# Written by Copier, for `copier update`. Change an answer with: copier update --data NAME=VALUE
{{ _copier_answers | to_nice_yaml -}}
"""

# Under these names git would take them for its own in the repository of the templates.
INERT = {".gitignore", ".gitattributes"}
SUFFIX = ".jinja"


def build(
    files: Tree, sites: Iterable[Site], inherited: Tree, environment: Environment
) -> dict[str, File]:
    """Return the sources of a template, by path in its folder.

    Args:
        files: The project's own files, for which nothing is inherited.
        sites: All sites in them; those that are substituted become variables.
        inherited: The sources that the parent gives.
        environment: The Jinja environment that reverses.

    Raises:
        CaptureError: Files that cannot be sources, each with its remedy.

    """
    contents, names = substituted(sites)
    sources: dict[str, File] = {ANSWERS_SOURCE: File(ANSWERS_TEXT.encode()), **inherited}
    problems = []
    for path, file in sorted(files.items()):
        name = reverse_name(path, names.get(path, ()))
        if not is_rendered(path, contents):
            sources[name] = file
        elif (text := file.text) is None:
            problems.append(
                f"{path} is no UTF-8 text, but a file of that name is read as Jinja. Rename it in "
                "the project, or save it as UTF-8."
            )
        else:
            source = reverse(environment, text, contents.get(path, ()))
            sources[name + SUFFIX] = File(source.encode(), file.executable)
    problems += hidden(sources)
    if problems:
        raise CaptureError("\n".join(problems))
    return sources


def substituted(
    sites: Iterable[Site],
) -> tuple[Mapping[str, list[Site]], Mapping[str, list[Site]]]:
    """Return by file the sites where variables will stand: in contents, and in names."""
    contents: defaultdict[str, list[Site]] = defaultdict(list)
    names: defaultdict[str, list[Site]] = defaultdict(list)
    for site in sites:
        if site.status.is_substituted:
            (names if site.in_name else contents)[site.path].append(site)
    return contents, names


def is_rendered(path: str, contents: Mapping[str, list[Site]]) -> bool:
    """Say whether a file's source goes through Jinja."""
    return path in contents or path.rsplit("/", 1)[-1] in INERT or path.endswith(SUFFIX)


def is_plain(path: str, file: File) -> bool:
    """Say whether Copier copies a source as it is, its name too."""
    return file.link is None and not path.endswith(SUFFIX) and "{" not in path


def hidden(sources: Tree) -> list[str]:
    """Return the files that Copier would leave out, since they look like another's source."""
    return [
        f"{name.removesuffix(SUFFIX)} and {name} are both in the project, and the first has a "
        "value in it: Copier would take the second for the first one's source. Rename one, or keep "
        f"the value in the first by a decision: {name.removesuffix(SUFFIX)}: keep"
        for name in sources
        if name.endswith(SUFFIX) and name + SUFFIX in sources
    ]
