"""Finds what no template may hold: secrets, and facts about one machine, account or person.

Secrets are found by detect-secrets with its default plugins and filters, as in the pre-commit hook
of a generated project.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from detect_secrets.core.scan import scan_file
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import default_settings

from extensions.model import CaptureError, Tree
from extensions.refusals import Refusal, is_allowed
from extensions.scanning.machine import facts

# What detect-secrets has found before, and what its owner has decided about it.
BASELINE = ".secrets.baseline"
# Their values have no quotes, which detect-secrets requires but in settings such as *.ini.
_UNQUOTED = re.compile(r"(^|/)Dockerfile[^/]*$|\.sh$")

_ASK = "Read it from the environment, or make it a question: --param NAME=VALUE"
# The kinds of findings: what is wrong, and what to do.
_KINDS = {
    "secret": (
        "what looks like a secret",
        "Take it out, read it from an environment variable, and change it, as git keeps it. If it "
        f"is not a secret: audit it in {BASELINE}, or --allow PATH:LINE",
    ),
    "account": ("the number of an account", f"{_ASK}. If it may stay: --allow PATH:LINE"),
    "home": (
        "the home folder of a person",
        "Use a path that is relative to the project. If it may stay: --allow PATH:LINE",
    ),
    "email": ("an e-mail address", f"{_ASK}. If it may stay: --allow PATH:LINE"),
}


@dataclass(frozen=True)
class Finding:
    """A secret or a fact; its line is 0 in the file's name, its value is never shown."""

    path: str
    line: int
    kind: str
    what: str
    value: str = field(repr=False)

    @property
    def refusal(self) -> Refusal:
        """The finding as a reason against the capture, its value masked."""
        # Enough to recognise it by, too little to use it.
        shown = self.value[: min(4 if self.kind == "secret" else 8, len(self.value) // 3)]
        place = f"{self.path}:{self.line}" if self.line else self.path
        return Refusal(f"{place}  {self.what} {shown}****", *_KINDS[self.kind])

    def is_allowed(self, allowed: Sequence[str]) -> bool:
        """Return whether a pattern covers it: `PATH`, `PATH:LINE`, `KIND:PATH` or all three."""
        places = (self.path, f"{self.path}:{self.line}")
        names = (*places, *(f"{self.kind}:{place}" for place in places))
        return any(is_allowed(name, allowed) for name in names)


def scan(files: Tree, allowed: Sequence[str] = ()) -> list[Finding]:
    """Return the findings in names and contents that no pattern allows, by path and line.

    Raises:
        CaptureError: The project's baseline cannot be read.

    """
    texts = {path: text for path, file in files.items() if (text := file.text) is not None}
    baseline = texts.pop(BASELINE, None)
    found = [*_facts(files, texts), *_secrets(texts, _false_alarms(baseline))]
    # Several plugins may find the same value.
    unique = {(finding.path, finding.line, finding.value): finding for finding in found}
    return [unique[place] for place in sorted(unique) if not unique[place].is_allowed(allowed)]


def _facts(files: Tree, texts: Mapping[str, str]) -> Iterator[Finding]:
    for path in files:
        for _, kind, what, value in facts(path):
            yield Finding(path, 0, kind, f"{what} in the name", value)
    for path, text in texts.items():
        yield from (Finding(path, *fact) for fact in facts(text))


def _secrets(texts: Mapping[str, str], false_alarms: SecretsCollection) -> Iterator[Finding]:
    with TemporaryDirectory() as folder, default_settings():
        copies = {f"{p}.unquoted.ini" if _UNQUOTED.search(p) else p: p for p in texts}
        for copy, path in copies.items():
            Path(folder, copy).parent.mkdir(parents=True, exist_ok=True)
            Path(folder, copy).write_bytes(texts[path].encode())
        collection = SecretsCollection(folder)
        collection.scan_files(*copies)
        for copy in sorted(collection.files):
            # The collection has the first of equal secrets only, and all tokens of GitHub are equal
            # to it: with that line allowed the others would pass.
            for secret in scan_file(str(Path(folder, copy))):
                # A baseline has paths relative to the project.
                secret.filename = path = copies[copy]
                if secret not in false_alarms[path]:
                    value = secret.secret_value or ""
                    yield Finding(path, secret.line_number, "secret", secret.type, value)


def _false_alarms(baseline: str | None) -> SecretsCollection:
    """Return what an audit has found to be no secret.

    The plugins and filters that a baseline names are left out: some run code of the project, or
    send what they find to a service.
    """
    try:
        known = SecretsCollection.load_from_baseline(json.loads(baseline or '{"results": {}}'))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        remedy = f"Write it again: detect-secrets scan > {BASELINE}"
        raise CaptureError(f"{BASELINE} cannot be read: {error!r}. {remedy}") from error
    for path in known.files:
        known[path] = {secret for secret in known[path] if secret.is_secret is False}
    return known
