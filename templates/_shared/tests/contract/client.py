"""A client that asks as SageMaker does."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any


@dataclass
class Answer:
    """What came back."""

    status: int
    content_type: str
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class Client:
    """Asks the server at a URL."""

    url: str

    def is_ready(self) -> bool:
        """Say whether `/ping` answers 200."""
        try:
            return self.ask("/ping").status == 200
        except OSError:
            return False

    def invoke(self, body: bytes, content_type: str, **headers: str) -> Answer:
        """Post a body to `/invocations`."""
        return self.ask(
            "/invocations", data=body, headers={"Content-Type": content_type, **headers}
        )

    def ask(self, path: str, **request: Any) -> Answer:
        """Send a request, and return the answer whatever its status is."""
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url + path, **request)) as got:
                return Answer(got.status, got.headers["Content-Type"], got.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers["Content-Type"], error.read())
