"""What pytest collects here.

This repository's environment has no framework; `test_environments.py` runs the tests of each in the
environment of a generated project, which has the versions that projects are made with.
"""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore = [name for name in ("sklearn", "torch") if find_spec(name) is None]
