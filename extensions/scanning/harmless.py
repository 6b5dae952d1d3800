"""Tells what only looks like a secret: digests, placeholders, names of secrets, prose."""

from __future__ import annotations

import re

from detect_secrets.filters import heuristic

# The mark that owners of a project set for detect-secrets.
_MARK = re.compile(r"pragma: ?(?:allow|white)list[ -]secret")

_DIGEST = re.compile(
    r"sha-?\d|md5|blake\d|digest|checksum|integrity|fingerprint|etag|commit|revision|\brev\b|hash",
    re.IGNORECASE,
)
_FILE_OF_DIGESTS = re.compile(
    r"(?:.*[./_-])?(?:lock|checksums?|sums|sha\d+(?:sums)?)(?:[._-].*)?|.*\.(?:lock|sum)",
    re.IGNORECASE,
)
# Pictures in base64, as notebooks and pages have them.
_PICTURE = re.compile(r"iVBORw0KGgo|/9j/|R0lGOD|UklGR|PHN2Zy|AAABAA|d09GM")

# `secret_name = "x"` says where a secret is, not what it is.
_REFERENCE = re.compile(
    r"(?:secret|password|passwd|pwd|key)s?[_-]?(?:name|ref|path|file|dir|env|var|variable|field|arn"
    r"|id|url|uri|manager|version|store|provider|type|length|policy|prompt|label|header)s?\W{0,8}\Z",
    re.IGNORECASE,
)
_CALL = re.compile(r"[\w.-]+[\[(].*[\])].*")
# The identity of a cell, a run or an object.
_IDENTITY = re.compile(r"(?:\b|_)id[\"']?\s*[:=]\s*[\"']?\Z", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"change[_ -]?me|your[_ -].*|placeholder|dummy|none|null|true|false|yes|no|inherit|required"
    r"|optional|string|x+|<.*>|\{.*\}|secret|password|passwd|pwd|token|key|api[_ -]?key",
    re.IGNORECASE,
)
_PATH = re.compile(r"(?:~|\.{1,2})?/[\w./-]+")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_PROSE = re.compile(r"[^\W\d_]+(?:[ ,.;:'`()-]+[^\W\d_]+)*[ .,;:!?)`]*")

# Files where a value stands with no quotes.
_CONFIGURATION = re.compile(
    r"\.env.*|.*\.env|\.envrc|Dockerfile.*|.*\.Dockerfile|Makefile|.*\.(?:sh|bash|zsh|conf|cnf|cfg"
    r"|ini|properties|toml|ya?ml)",
    re.IGNORECASE,
)


def is_marked(line: str) -> bool:
    """Say whether a line is marked as one that may hold a secret."""
    return _MARK.search(line) is not None


def type_name(path: str) -> str:
    """Return a name that tells detect-secrets of which type a file is.

    It knows types by their suffix only, and needs quotes in all others.
    """
    name = path.rsplit("/", 1)[-1]
    if needs_no_quotes(path) and not name.endswith((".yml", ".yaml", ".toml")):
        return f"{path}.ini"
    return path


def needs_no_quotes(path: str) -> bool:
    """Say whether values stand there with no quotes."""
    return _CONFIGURATION.fullmatch(path.rsplit("/", 1)[-1]) is not None


def has_digests(path: str) -> bool:
    """Say whether random-looking text in a file is what it is for."""
    name = path.rsplit("/", 1)[-1]
    return heuristic.is_lock_file(path) or _FILE_OF_DIGESTS.fullmatch(name) is not None


def is_harmless(value: str) -> bool:
    """Say whether no secret looks like this value."""
    return (
        heuristic.is_sequential_string(value)
        or heuristic.is_potential_uuid(value)
        or heuristic.is_templated_secret(value)
        or heuristic.is_prefixed_with_dollar_sign(value)
        or heuristic.is_not_alphanumeric_string(value)
        or "EXAMPLE" in value.upper()
    )


def is_harmless_random(value: str, line: str) -> bool:
    """Say whether random-looking text is something else, by the line that it is in."""
    return (
        is_harmless(value)
        or _IDENTITY.search(_before(value, line)) is not None
        or not any(character.isdigit() for character in value)
        or _DIGEST.search(line) is not None
        or _PICTURE.match(value) is not None
    )


def is_harmless_named(value: str, line: str) -> bool:
    """Say whether the value of a secret's name is none, by the line that it is in."""
    before = _before(value, line)
    is_quoted = before.endswith(("'", '"'))
    value = value.strip()
    return (
        len(value) < 3
        or is_harmless(value)
        or _REFERENCE.search(before) is not None
        or any(pattern.fullmatch(value) for pattern in (_PLACEHOLDER, _PATH, _VARIABLE))
        or (not is_quoted and _CALL.fullmatch(value) is not None)
        or (" " in value and _PROSE.fullmatch(value) is not None)
    )


def _before(value: str, line: str) -> str:
    """Return what stands before a value."""
    return line[: max(0, line.find(value))][-80:]
