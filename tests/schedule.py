"""Which tests share a process, and which begin first, so that all processors are busy to the end.

The processes of pytest-xdist share no fixtures. So the tests of one template's image are one group,
which one process takes whole, and the image is built once; so are those of a folder whose tests
look at one thing that is slow to make. Of all others a file is a group.

pytest-xdist's own groups, which a mark names, are lost under pytest 9.2.
"""

from __future__ import annotations

import re

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling

from tests.project import TEMPLATES

# Whose tests with the name of a template among their parameters take its image.
OF_IMAGES = (
    "container/",
    "distributed/test_containers",
    "sagemaker/test_templates",
    "typed_client/test_container",
)

TEMPLATE = re.compile(rf"\[(?:.*-)?({'|'.join(TEMPLATES)})(?:-.*)?\]$")

# Folders that are one group.
WHOLE = (
    "deploy_kubernetes",
    "deploy_sagemaker",
    "distributed",
    "journey",
    "mldock",
    "page",
    "registry",
    "sagemaker",
    "secrets",
    "typed_client",
    "workflows",
)

# The longest groups; a long one that began last would leave the other processes idle.
FIRST = ("image-", "journey", "workflows", "sagemaker", "update/test_matrix", "secrets")


class Groups(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
    """Gives a group at a time to the process that is free."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """Return the name of a test's group."""
    path = nodeid.partition("::")[0].removeprefix("tests/").removesuffix(".py")
    template = TEMPLATE.search(nodeid)
    if template and path.startswith(OF_IMAGES):
        return f"image-{template[1]}"
    folder = path.partition("/")[0]
    return folder if folder in WHOLE else path


def arrange(items: list[pytest.Item]) -> None:
    """Put the longest groups first, each in one piece; within it tests stay in their order."""
    names = list(dict.fromkeys(group_of(item.nodeid) for item in items))
    places = {name: (rank(name), place) for place, name in enumerate(names)}
    items.sort(key=lambda item: places[group_of(item.nodeid)])


def rank(group: str) -> int:
    """Return the place of a group: that of its name in `FIRST`, or after all of them."""
    found = (place for place, name in enumerate(FIRST) if group.startswith(name))
    return next(found, len(FIRST))
