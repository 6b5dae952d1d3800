"""Runs the command: `python -m extensions PATH`."""

import sys

from extensions.command import main

sys.exit(main())
