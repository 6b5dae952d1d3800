"""Names of a package whose modules are imported when one of them is asked for.

`from mldock.serving import Server` must not wait for numpy and pydantic, which a server's first
process does without: its workers are ready that much earlier.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any


def lazy_names(package: str, **modules: list[str]) -> Callable[[str], Any]:
    """Return a package's `__getattr__`, for the names of each of its modules."""
    places = {name: module for module, names in modules.items() for name in names}

    def resolve(name: str) -> Any:
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{places[name]}"), name)

    return resolve
