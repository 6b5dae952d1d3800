"""Finds hosts and their addresses in a text: those that are nobody else's."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv4Network

# A name, and where it begins.
Place = tuple[int, str]

_NAME = re.compile(
    r"(?<![\w.$@{}-])(?P<name>[A-Za-z0-9][A-Za-z0-9-]{0,62}(?:\.[A-Za-z0-9-]{1,63}){0,8}"
    r"\.(?:internal|local|corp|lan|intranet|home\.arpa|azurecr\.io"
    r"|(?:rds|compute|elb|cache|es)(?:\.[a-z0-9-]+)?\.amazonaws\.com))(?![\w(\[-]|\.\w)",
    re.IGNORECASE,
)
_ENDINGS = (".internal", ".local", ".corp", ".lan", ".intranet", ".arpa", ".azurecr", ".amazonaws")
# They mean the same wherever they stand; the last one is Python's.
_EVERYWHERE = re.compile(
    r"(?:.*\.)?(?:docker\.internal|containers\.internal|cluster\.local|threading\.local)"
    r"|metadata\.google\.internal|instance-data\.ec2\.internal",
    re.IGNORECASE,
)
# In code a dotted name is an attribute, unless it stands where hosts do.
_BEFORE = re.compile(
    r"(?://|@|(?:host|server|url|uri|endpoint|domain|dns|registry|proxy)\w*['\"]?\s*[:=]\s*"
    r"|\bssh\s|\bcurl\s|\bping\s|(?-i:\bFROM\s))\Z",
    re.IGNORECASE,
)
_QUOTES = {'"', "'", "`"}
_PROSE = re.compile(r"(?<!\bimport)(?<!\bfrom)[\s<,]\Z|\A\Z")

# To begin with a digit is fast.
_ADDRESS = re.compile(r"\d(?<![\w.].)\d{0,2}(?:\.\d{1,3}){3}(?![\w-]|\.\d)", re.ASCII)
_VERSION = re.compile(r"(?:[=<>~!]=\s*|[-_]|version\S{0,3}\s*[:=]?\s*[\"']?)\Z", re.IGNORECASE)
_PRIVATE = [
    IPv4Network(network)
    for network in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "100.64.0.0/10",
    )
]
# Docker's own network, and where clouds tell a machine about itself.
_SAME_EVERYWHERE = [
    IPv4Network(network) for network in ("172.17.0.0/16", "169.254.169.254/32", "169.254.170.0/24")
]


def hosts(text: str) -> Iterator[Place]:
    """Yield the names of hosts inside an organisation, and of this machine."""
    lowered = text.lower()
    if any(ending in lowered for ending in _ENDINGS):
        for match in _NAME.finditer(text):
            if not _EVERYWHERE.fullmatch(match["name"]) and _is_host(text, match):
                yield match.start(), match["name"]
    this = _this_machine()
    if this is not None:
        for match in this.finditer(text):
            yield match.start(), match[0]


def _is_host(text: str, match: re.Match[str]) -> bool:
    """Say whether a dotted name is a host by where it stands."""
    before = text[max(0, match.start() - 40) : match.start()]
    after = text[match.end() : match.end() + 2]
    is_quoted = before[-1:] in _QUOTES and after[:1] in _QUOTES
    has_port = after[:1] == ":" and after[1:].isdigit()
    # In prose a name with two dots or more is a host too; in code it is a module.
    is_long = match["name"].count(".") > 1 and _PROSE.search(before) is not None
    return is_quoted or has_port or is_long or _BEFORE.search(before) is not None


@lru_cache
def _this_machine() -> re.Pattern[str] | None:
    """Return a pattern of this machine's name, if that is no word that may stand anywhere."""
    name = socket.gethostname()
    if len(name) < 6 or not re.search(r"[\d.-]", name) or name.lower().startswith("localhost"):
        return None
    return re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])", re.IGNORECASE)


def addresses(text: str) -> Iterator[Place]:
    """Yield the addresses in private networks, and those of hosts in a URL."""
    for match in _ADDRESS.finditer(text):
        before = text[max(0, match.start() - 20) : match.start()]
        if _VERSION.search(before):
            continue
        try:
            address = IPv4Address(match[0])
        except AddressValueError:
            continue
        if _is_somebodys(address, text[match.end() : 1 + match.end()]) or (
            before.endswith(("//", "@")) and address.is_global
        ):
            yield match.start(), match[0]


def _is_somebodys(address: IPv4Address, after: str) -> bool:
    """Say whether an address means a host of one network only."""
    if after == "/" and any(address == network.network_address for network in _PRIVATE):
        # The whole of a private range, as in 10.0.0.0/8.
        return False
    return any(address in network for network in _PRIVATE) and not any(
        address in network for network in _SAME_EVERYWHERE
    )
