"""The jobs of a generated project, as its files of continuous integration describe them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import yaml

from tests.project import Project

EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")


class Loader(yaml.SafeLoader):
    """Reads YAML, with the tag by which GitLab repeats a part of the file."""


@dataclass(frozen=True)
class Reference:
    """What `!reference [job, key]` stands for."""

    job: str
    key: str


def reference(loader: Loader, node: yaml.SequenceNode) -> Reference:
    """Read a `!reference`."""
    return Reference(*loader.construct_sequence(node))


Loader.add_constructor("!reference", reference)


def workflow(project: Project, name: str) -> dict[str, Any]:
    """Return a workflow of GitHub Actions."""
    text = (project.path / ".github" / "workflows" / f"{name}.yml").read_text("utf-8")
    content = yaml.load(text, Loader)
    # In YAML 1.1 the word is a way to say yes.
    return {"on" if key is True else key: value for key, value in content.items()}


def pipeline(project: Project) -> dict[str, Any]:
    """Return the file of GitLab CI."""
    text = (project.path / ".gitlab-ci.yml").read_text("utf-8")
    content: dict[str, Any] = yaml.load(text, Loader)
    return content


def gitlab_lines(pipeline: dict[str, Any], job: str, key: str) -> list[str]:
    """Return the commands of a job's `script` or `before_script`, what it extends included."""
    lines = pipeline[job].get(key)
    if lines is None:
        return gitlab_lines(pipeline, pipeline[job].get("extends", "default"), key)
    found: list[str] = []
    for line in lines:
        more = gitlab_lines(pipeline, line.job, line.key) if isinstance(line, Reference) else [line]
        found += more
    return found


def gitlab_variables(pipeline: dict[str, Any], job: str) -> dict[str, str]:
    """Return the variables of a job and of what it extends."""
    base = pipeline[job].get("extends")
    return {
        **(gitlab_variables(pipeline, base) if base else {}),
        **pipeline[job].get("variables", {}),
    }


@dataclass(frozen=True)
class Event:
    """What GitHub knows of the event that has started a workflow.

    Attributes:
        ref: The branch or the tag, in full.
        kind: `branch` or `tag`.
        name: The event.
        variables: Those of the repository.

    """

    ref: str
    kind: str
    name: str
    variables: dict[str, str]

    def says(self, expression: str) -> Any:
        """Return the value of an expression of GitHub Actions, of those that are used here."""
        names: dict[str, Any] = {
            "github": SimpleNamespace(
                ref=self.ref, ref_type=self.kind, event_name=self.name, actor="someone", token="t"
            ),
            "vars": Variables(self.variables),
            "true": True,
            "false": False,
        }
        return eval(expression.replace("&&", " and ").replace("||", " or ").strip(), names)

    def wants(self, part: dict[str, Any]) -> bool:
        """Say whether a job or a step is to run."""
        return bool(self.says(str(part.get("if", "true"))))

    def fill(self, text: str) -> str:
        """Return a text with the values of its expressions."""
        return EXPRESSION.sub(lambda found: str(self.says(found[1])), text)


class Variables:
    """The context `vars`; a variable that is not set is empty."""

    def __init__(self, values: dict[str, str]) -> None:
        self.values = values

    def __getattr__(self, name: str) -> str:
        """Return a variable."""
        return self.values.get(name, "")
