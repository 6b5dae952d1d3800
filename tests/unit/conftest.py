"""The fixtures of the folders that these tests belong to."""

from __future__ import annotations

from tests.mldock.conftest import environment, kept, write_config

__all__ = ["environment", "kept", "write_config"]
