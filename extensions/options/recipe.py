"""What a person has decided about a capture; it is recorded, so that it can be made again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from extensions.options.parameters import Parameter, of_record


@dataclass(frozen=True)
class Recipe:
    """All that shapes a template beside the project and the repository.

    Attributes:
        title: What stands in the list of templates; empty if it follows from the project.
        predicts: What a project of the template predicts; empty if it follows from the project.
        data: Answers that the project has not recorded, or that replace those it has.
        parameters: Literals that become questions.
        fix: Choices that the template does not ask for.
        decisions: By place: `keep`, or the variable that stands there.
        allowed: Findings that are no secrets.

    """

    title: str = ""
    predicts: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    fix: tuple[str, ...] = ()
    decisions: Mapping[str, str] = field(default_factory=dict)
    allowed: tuple[str, ...] = ()

    def record(self) -> dict[str, Any]:
        """Return what `recipe_of` reads, without what is empty."""
        parts = {
            "title": self.title,
            "predicts": self.predicts,
            "data": dict(self.data),
            "parameters": [parameter.record() for parameter in self.parameters],
            "fix": list(self.fix),
            "decisions": dict(self.decisions),
            "allowed": list(self.allowed),
        }
        return {name: part for name, part in parts.items() if part}

    def then(self, later: Recipe) -> Recipe:
        """Return this with what was decided later, which wins."""
        names = {parameter.name for parameter in later.parameters}
        kept = tuple(one for one in self.parameters if one.name not in names)
        return replace(
            self,
            title=later.title or self.title,
            predicts=later.predicts or self.predicts,
            data={**self.data, **later.data},
            parameters=kept + later.parameters,
            fix=tuple(dict.fromkeys(self.fix + later.fix)),
            decisions={**self.decisions, **later.decisions},
            allowed=tuple(dict.fromkeys(self.allowed + later.allowed)),
        )


def recipe_of(record: Mapping[str, Any]) -> Recipe:
    """Return the recipe that was recorded."""
    return Recipe(
        title=record.get("title", ""),
        predicts=record.get("predicts", ""),
        data=record.get("data", {}),
        parameters=tuple(of_record(one) for one in record.get("parameters", ())),
        fix=tuple(record.get("fix", ())),
        decisions=record.get("decisions", {}),
        allowed=tuple(record.get("allowed", ())),
    )
