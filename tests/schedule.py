"""Which tests share a process, and which begin first, so that all processors are busy to the end.

The processes of pytest-xdist share no fixtures. So the tests of one template's image are one group,
which one process takes whole, and the image is built once; so are those of a folder whose tests
look at one thing that is slow to make. Of all others a file is a group.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project import TEMPLATES

TESTS = Path(__file__).parent

# Folders that are one group.
WHOLE = {
    "deploy_kubernetes",
    "deploy_sagemaker",
    "distributed",
    "docs",
    "journey",
    "page",
    "registry",
    "sagemaker",
    "secrets",
    "typed_client",
    "workflows",
}

# The longest groups; a long one that began last would leave the other processes idle.
FIRST = ("image-", "journey", "workflows", "sagemaker", "update/test_matrix", "secrets")


def group_of(item: pytest.Item) -> str:
    """Return the name of a test's group."""
    call = getattr(item, "callspec", None)
    if call and call.params.get("image") in TEMPLATES:
        return f"image-{call.params['image']}"
    path = item.path.relative_to(TESTS).with_suffix("")
    return path.parts[0] if path.parts[0] in WHOLE else path.as_posix()


def arrange(items: list[pytest.Item]) -> None:
    """Group the tests, the longest groups first; within a group they stay in their order."""
    groups = {item: group_of(item) for item in items}
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))
    names = list(dict.fromkeys(groups.values()))
    items.sort(key=lambda item: (rank(groups[item]), names.index(groups[item])))


def rank(group: str) -> int:
    """Return the place of a group: that of its name in `FIRST`, or after all of them."""
    found = (place for place, name in enumerate(FIRST) if group.startswith(name))
    return next(found, len(FIRST))
