"""Finds facts about one machine, account or person in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

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

# Code may look like one: `rows@layer.to(device)` and `rows@layer.weights` do.
_MAIL = re.compile(
    r"(?<![\w.+%-])[A-Z0-9](?:[\w.+%-]{0,62}[\w+%-])?@(?:[A-Z0-9-]+\.)+(?:app|biz|cloud|com|corp"
    r"|dev|edu|global|gov|group|health|info|int|internal|lan|local|mil|net|org|tech|[A-Z]{2})"
    r"(?![\w(\[-]|\.\w)",
    re.ASCII | re.IGNORECASE,
)
_NOBODYS_MAIL = re.compile(
    r"(?:.*[.@])?example\.(?:com|org|net|edu)|.*no-?reply.*|git@.*|(?-i:[A-Z]+@[A-Z]+\..*)",
    re.IGNORECASE,
)


def facts(text: str) -> Iterator[tuple[int, str, str, str]]:
    """Yield what a text says of an account, a machine or a person: line, kind, what, value."""
    home = _this_home()
    for number, line in enumerate(text.split("\n"), 1):
        for match in _ACCOUNT.finditer(line):
            group = match.lastgroup or ""
            digits = match[group].replace("-", "")
            if digits not in _EXAMPLE_ACCOUNTS and len(set(digits)) > 1:
                what = "Azure subscription" if group == "subscription" else "AWS account"
                yield number, "account", what, match[group]
        for match in _HOME.finditer(line):
            if not _NOBODY.fullmatch((match["unix"] or match["windows"]).rstrip(".")):
                yield number, "home", "home folder", match[0]
        if home and (found := home.search(line)):
            yield number, "home", "home folder on this machine", found[0]
        if "@" in line:
            for match in _MAIL.finditer(line):
                if not _NOBODYS_MAIL.fullmatch(match[0]):
                    yield number, "email", "e-mail address", match[0]


def _this_home() -> re.Pattern[str] | None:
    """Return a pattern of the user's home, unless `_HOME` finds it or it is root's."""
    home = str(Path.home())
    if len(home) < 6 or _HOME.match(home):
        return None
    return re.compile(rf"(?<![\w.-]){re.escape(home)}(?![\w.-])")
