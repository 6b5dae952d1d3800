"""Which values also stand where nobody meant them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extensions.model import Form

# A value shorter than this is part of too much.
SHORTEST = 4

NUMBER = re.compile(r"[-+]?[0-9._]*[0-9][0-9._]*([eE][-+]?[0-9]+)?")

# Snake form. What code, settings and READMEs of any project are full of.
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

# The files and the questions of this house's projects.
_HOUSE = """
    accelerator application archives aws azure base_image batching channels checkpoints
    compile_model compiled containers dockerfile dockerignore executor gcp gitignore
    hyperparameters image_name incoming independence lifecycle license lock local manifest nginx
    noxfile observer openapi project_name pyproject python_version requirements requirements_dev
    sagemaker storage_requirements stop stores transfers uploads variables
"""

WORDS = frozenset(f"{_COMMON} {_HOUSE}".split())


def is_number(text: str) -> bool:
    """Say whether the text is written as a number."""
    return NUMBER.fullmatch(text) is not None


def is_dangerous(form: Form, forms: Sequence[Form]) -> bool:
    """Say whether a form is too short or too common to be told from other text.

    Args:
        form: The form that was found.
        forms: All forms of its value; one that is a common word makes all of them common.

    """
    if len(form.text) < SHORTEST or is_number(form.text):
        return True
    return any(other.text.lower().replace("-", "_") in WORDS for other in forms)
