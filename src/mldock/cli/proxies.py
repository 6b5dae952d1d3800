"""A company's proxy: its address, and the certificate authority that signs in its name."""

from __future__ import annotations

import os
import shlex
import ssl
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from mldock import ContainerError

NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


def proxies(
    given: Collection[str], *, host_network: bool = False, direct: Collection[str] = ()
) -> dict[str, str]:
    """Return the variables of this process that name proxies which a container reaches.

    Each has both spellings: some programs read only one of them, and Docker's configuration may
    have another value for the other.

    Args:
        given: The names, in lower case, that the container gets otherwise.
        host_network: The container has the network of this machine.
        direct: The names of hosts that it reaches without a proxy.

    """
    found: dict[str, str] = {}
    for name in NAMES:
        value = os.environ.get(name) or os.environ.get(name.upper())
        if not value or name in given:
            continue
        if name != "no_proxy" and not host_network and is_local(value):
            print(
                f"{name.upper()} is not passed on: it names this machine, which in a container is "
                "the container. Name an address of the proxy that containers reach.",
                file=sys.stderr,
            )
        else:
            found |= {name: value, name.upper(): value}
    if found and "no_proxy" not in given and direct:
        value = ",".join([*filter(None, [found.get("no_proxy")]), *direct])
        found |= {"no_proxy": value, "NO_PROXY": value}
    return found


def is_local(address: str) -> bool:
    """Return whether an address, with or without a scheme, is that of the machine that uses it."""
    try:
        host = urlsplit(address if "://" in address else f"//{address}").hostname or ""
    except ValueError:
        return False
    return host in ("localhost", "::1", "0.0.0.0") or host.startswith("127.")


def open_url(request: Request, timeout: float | None = None) -> Any:
    """Send a request, without a proxy where it is for this machine."""
    handlers = [ProxyHandler({})] if is_local(request.full_url) else []
    return build_opener(*handlers).open(request, timeout=timeout)


def check_ca(path: Path) -> None:
    """Raise an error unless a file has certificates in PEM, as OpenSSL and all others read them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        content = path.read_bytes()
        context.load_verify_locations(path)
    except ssl.SSLError:
        try:
            context.load_verify_locations(cadata=content)
        except (ssl.SSLError, ValueError):
            raise ContainerError(
                f"--ca {path}: it has no certificate in PEM, or a broken one. Ask those who run "
                "the proxy for the certificate of its authority."
            ) from None
        convert = ["openssl", "x509", "-inform", "der", "-in", str(path), "-out", f"{path}.pem"]
        raise ContainerError(
            f"--ca {path}: the certificate is in DER. Convert it to PEM: {shlex.join(convert)}"
        ) from None
    except OSError as error:
        raise ContainerError(
            f"--ca {path}: {error.strerror}. Name the file with the certificate of the authority."
        ) from None
