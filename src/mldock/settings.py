"""The base of what mldock.json holds."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """A part of mldock.json; a key that nobody reads is a mistake, so it is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)
