"""Finds facts about one machine, account or person in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from extensions.scanning.hosts import addresses, hosts


class Fact(NamedTuple):
    """A fact, and where its text begins."""

    start: int
    kind: str
    what: str
    value: str


# Accounts in the manuals of AWS; a number of one digit only is an example too.
_EXAMPLE_ACCOUNTS = {"123456789012", "111122223333", "444455556666", "012345678901"}
_ACCOUNT = re.compile(
    r"\barn:aws[\w-]*:[\w-]*:[\w-]*:(?P<arn>\d{12})(?=:)"
    r"|\b(?P<registry>\d{12})(?=\.dkr[.-]ecr)"
    r"|\.amazonaws\.com(?:\.cn)?/(?P<queue>\d{12})\b"
    r"|account[\w-]{0,20}['\"\]]{0,2}[ \t]{0,4}[:= ][ \t]{0,4}['\"]?"
    r"(?P<named>\d{12}|\d{4}-\d{4}-\d{4})\b"
    r"|/subscriptions/(?P<subscription>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})",
    re.IGNORECASE,
)
_ACCOUNT_WORDS = ("arn:aws", ".dkr", ".amazonaws.com", "account", "/subscriptions/")

# Users of images and of manuals: the folder is nobody's own.
_NOBODY = re.compile(
    "app|appuser|default|example|jovyan|me|mldock|model|name|node|nonroot|public|root|runner"
    "|runneradmin|sagemaker-user|shared|somebody|someone|user|username|vscode|worker|you"
    "|your-?name",
    re.IGNORECASE,
)
_HOME = re.compile(
    r"(?:(?<![\w.~%-])|(?<=/mnt/[a-z]))/(?:home|Users)/(?P<unix>[A-Za-z][\w.-]*)"
    r"|\b[A-Za-z]:\\{1,2}Users\\{1,2}(?P<windows>[^\\/:*?\"<>|\s]+)"
)

_MAIL = re.compile(r"@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.(?P<top>[A-Za-z]{2,12})(?![\w-])")
_MAIL_NAME = re.compile(r"[A-Za-z0-9](?:[\w.+%-]*[\w+%-])?\Z", re.ASCII)
# With those of countries. Other words are attributes: `rows@layer.weights`.
_TOPS = re.compile(
    "academy|agency|app|art|biz|blog|business|cloud|com|company|consulting|corp|dev|digital|edu"
    "|email|engineering|expert|global|gov|group|health|info|int|internal|jobs|lan|local|media|mil"
    "|museum|net|network|online|org|page|partners|pro|science|services|shop|site|software"
    "|solutions|space|store|studio|systems|team|tech|technology|university|world|xyz|zone"
    "|[a-z]{2}",
    re.IGNORECASE,
)
_NOBODYS_MAIL = re.compile(
    r"(?:.*[.@])?example\.(?:com|org|net|edu)|.*\.(?:example|test|invalid|localhost)"
    r"|.*no-?reply.*|git@.*",
    re.IGNORECASE,
)


def facts(text: str) -> Iterator[Fact]:
    """Yield what a text says of a machine, an account or a person."""
    yield from homes(text)
    yield from _accounts(text)
    if "@" in text:
        yield from _mails(text)
    for start, name in hosts(text):
        yield Fact(start, "host", "host", name)
    for start, address in addresses(text):
        yield Fact(start, "address", "address", address)


def homes(text: str) -> Iterator[Fact]:
    """Yield the home folders in a text, or in bytes that are decoded as Latin-1."""
    if "/home/" in text or "Users" in text:
        for match in _HOME.finditer(text):
            person = (match["unix"] or match["windows"]).rstrip(".")
            if _NOBODY.fullmatch(person) is None:
                yield Fact(match.start(), "home", "home folder", match[0])
    home = _this_home()
    if home:
        for match in home.finditer(text):
            yield Fact(match.start(), "home", "home folder on this machine", match[0])


@lru_cache
def _this_home() -> re.Pattern[str] | None:
    """Return a pattern of the present user's home, unless `homes` finds it or it is root's."""
    home = str(Path.home())
    if len(home) < 6 or _HOME.match(home):
        return None
    return re.compile(rf"(?<![\w.-]){re.escape(home)}(?![\w.-])")


def _accounts(text: str) -> Iterator[Fact]:
    lowered = text.lower()
    if not any(word in lowered for word in _ACCOUNT_WORDS):
        return
    for match in _ACCOUNT.finditer(text):
        group = match.lastgroup or ""
        digits = match[group].replace("-", "")
        if digits not in _EXAMPLE_ACCOUNTS and len(set(digits)) > 1:
            what = "Azure subscription" if group == "subscription" else "AWS account"
            yield Fact(match.start(group), "account", what, match[group])


def _mails(text: str) -> Iterator[Fact]:
    for match in _MAIL.finditer(text):
        name = _MAIL_NAME.search(text, max(0, match.start() - 64), match.start())
        is_call = text[match.end() : match.end() + 1] in ("(", "[")
        if name is None or is_call or _TOPS.fullmatch(match["top"]) is None:
            continue
        value = name[0] + match[0]
        if not _NOBODYS_MAIL.fullmatch(value):
            yield Fact(name.start(), "email", "e-mail address", value)
