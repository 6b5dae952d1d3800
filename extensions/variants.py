"""The case variants of a value, such as `churn-model` and `ChurnModel`, and which are too common.

What computes a variant is a Jinja expression, the same that a hidden question of the template has,
so what the capture looks for is what a new project gets.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from jinja2 import Template

from extensions.model import CaseVariant, Value
from extensions.reverse import environment

_SNAKE = (
    r"regex_replace('([a-z0-9])([A-Z])', '\\1_\\2') | lower"
    r" | regex_replace('[\\W_]+', '_') | trim('_')"
)

# By the end of the variable's name.
_FILTERS = {
    "snake": _SNAKE,
    "kebab": f"{_SNAKE} | replace('_', '-')",
    "pascal": f"{_SNAKE} | replace('_', ' ') | title | replace(' ', '')",
    "upper": f"{_SNAKE} | upper",
    "title": f"{_SNAKE} | replace('_', ' ') | title",
}

# A value shorter than this is part of too much.
SHORTEST = 4

NUMBER = re.compile(r"[-+]?[0-9._]*[0-9][0-9._]*([eE][-+]?[0-9]+)?")

# In snake case. What code, settings and READMEs of any project are full of.
_COMMON = """
    account accuracy admin agent analysis analytics api app application args array artifact asset
    assets async audio auth average backend base baseline batch bench benchmark bin bool boolean
    bucket build bytes cache categories category chart chat check checkpoint class classes
    classification classifier classify clean cli client cloud cluster code column columns common
    compute config configuration console container content context copy core count cpu create
    credit cuda custom customer customers dashboard data database dataset datasets date debug
    default demo deploy deployment description dev device dict digit digits doc docker docs domain
    download email embedding encoder engine environment epoch epochs error estimator eval evaluate
    event example examples experiment export fastapi feature features field file files filter
    flask float folder forecast form format framework frontend function generic github global
    group hello help home host http https image images import index inference info init input
    inputs install integer item items java job jobs json key label labels lambda language layer
    learn learning level lib library line linear lint list load loader local location logger
    logging login logs loss machine machine_learning main make manager master math mean memory
    message meta method metric metrics mldock mlops mock model modeling modelling models module
    monitor name names network neural node notebook notebooks none null number numpy object online
    open optimizer option options order output outputs package page pandas param parameter
    parameters params parser path payload pipeline pipelines platform plot port post predict
    prediction predictions predictor process processing prod product production profile project
    projects proxy public python pytorch query queue random ranking read readme recommendation
    record region registry regression regressor release remote report repository request requests
    resource response result results return role root router rows run runner runtime safe sales
    sample samples schema score scoring script scripts search secret self sentiment series serve
    server service services serving session settings setup shared shell simple sklearn software
    source split stage start state static status storage store stream string style submit support
    system table tags target task tasks team template templates tensor terms test testing tests
    text time token tool tools torch train trainer training transform tree true false type unit
    update upload user users util utils validate validation value values vector version video view
    vision volume web weight weights wheel wheels work worker workflow workspace world write yaml
    hello_world my_api my_app my_model my_package my_project new_project test_model test_project
"""

# The files and the questions of the projects of these templates.
_HOUSE = """
    accelerator application archives aws azure base_image batching channels checkpoints
    compile_model containers dockerfile dockerignore executor gcp gitignore
    hyperparameters image_name batch_invariance incoming lifecycle license lock local manifest nginx
    noxfile observer openapi project_name pyproject python_version requirements requirements_dev
    sagemaker storage_requirements stop stores transfers uploads variables
"""

WORDS = frozenset(f"{_COMMON} {_HOUSE}".split())


def variants(value: Value) -> list[CaseVariant]:
    """Return the case variants of a value, the raw one first.

    Several may have the same text; none has an empty text.
    """
    spellings = {value.name: value.text}
    if value.has_variants:
        for variable, template in _templates(value.name).items():
            spellings[variable] = template.render({value.name: value.text})
    return [CaseVariant(value, variable, text) for variable, text in spellings.items() if text]


def expressions(name: str) -> dict[str, str]:
    """Return the default of each hidden question that spells the answer to a question.

    Returns:
        By variable, a text with one `{{ … }}`. None needs another of them, so those that are not
        used can be left out.

    """
    prefix = "project" if name == "project_name" else name
    return {f"{prefix}_{case}": f"{{{{ {name} | {chain} }}}}" for case, chain in _FILTERS.items()}


def case_of(variant: CaseVariant) -> str:
    """Return `snake`, `kebab`, `pascal`, `upper`, `title`, or `raw`."""
    is_raw = variant.variable == variant.value.name
    return "raw" if is_raw else variant.variable.rpartition("_")[2]


@cache
def _templates(name: str) -> dict[str, Template]:
    jinja = environment()
    return {variable: jinja.from_string(text) for variable, text in expressions(name).items()}


def is_number(text: str) -> bool:
    """Return whether the text is written as a number."""
    return NUMBER.fullmatch(text) is not None


def is_ambiguous(variant: CaseVariant, same_value: Sequence[CaseVariant]) -> bool:
    """Return whether a variant is too short or too common to be told from other text."""
    if len(variant.text) < SHORTEST or is_number(variant.text):
        return True
    return any(other.text.lower().replace("-", "_") in WORDS for other in same_value)
