"""Writes docs/troubleshooting.md: python -m scripts.troubleshooting."""

from __future__ import annotations

import sys

from scripts.troubleshooting.faults import faults
from scripts.troubleshooting.page import PAGE, page


def main() -> int:
    """Write the page, and say what the list lacks."""
    found = faults()
    print("\n".join(found))
    PAGE.write_text(page(), "utf-8")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
