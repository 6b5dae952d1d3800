"""What an engine says when a transfer fails, in one line and with a remedy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from mldock.cli.registry.hosts import creation, sign_in


class Kind(Enum):
    """What has gone wrong."""

    NOT_SIGNED_IN = auto()
    DENIED = auto()
    NO_TAG = auto()
    NO_REPOSITORY = auto()
    IMMUTABLE = auto()
    REFUSED = auto()
    FORBIDDEN = auto()
    CERTIFICATE = auto()
    NOT_ENCRYPTED = auto()
    UNKNOWN_HOST = auto()
    CUT = auto()
    OTHER = auto()


# Words of the engine, of its versions too, and of registries; the first that are found decide.
SIGNS = {
    # Of a registry on this machine the engine tells how it tried without encryption at last.
    Kind.NOT_SIGNED_IN: "no basic auth credentials|sent an http request to an https server",
    Kind.DENIED: "requested access to the resource is denied|(push|pull) access denied",
    Kind.NO_TAG: "manifest (unknown|for .* not found)|failed to resolve reference .*not found",
    Kind.NO_REPOSITORY: "name unknown|(repository|project) .*not found|repository .*does not exist",
    Kind.IMMUTABLE: "immutable",
    Kind.REFUSED: "unauthorized|authentication required|token has expired|incorrect username",
    Kind.FORBIDDEN: "denied|forbidden|not authorized to perform",
    Kind.CERTIFICATE: "x509|certificate",
    Kind.NOT_ENCRYPTED: "http response to https client",
    Kind.UNKNOWN_HOST: "no such host|server misbehaving|name resolution",
    Kind.CUT: r"connection (re(fused|set)|aborted)|no route to host|closed network connection"
    r"|\beof\b|broken pipe|time ?out|http2: |unavailable|unexpected http status: 5\d\d"
    r"|unexpected (http )?(status|code).* 5\d\d|\b50\d (internal|bad|service|gateway)",
}

ANSWERS = {
    Kind.NOT_SIGNED_IN: "{host} wants you to sign in. {sign_in}",
    Kind.DENIED: "{host} denies {repository}: you are not signed in, may not use it, or there is "
    "none. {sign_in} {creation}",
    Kind.NO_TAG: "There is no {image}. Send it from where it was built: nox -s push, or choose "
    "another: --tag TAG.",
    Kind.NO_REPOSITORY: "{host} has no repository {repository}. {creation}",
    Kind.IMMUTABLE: "{image} is there already, and tags cannot be moved there. Commit, raise the "
    "version in mldock.json, or choose another name: --tag TAG.",
    Kind.FORBIDDEN: "{host} does not let you use {repository}. Ask its owner for the right, or "
    "sign in as another. {sign_in}",
    Kind.REFUSED: "{host} refuses the sign-in that Docker has. {sign_in}",
    Kind.CERTIFICATE: "The engine does not trust the certificate of {host}. Give it the "
    "certificate of its authority: /etc/docker/certs.d/{host}/ca.crt",
    Kind.NOT_ENCRYPTED: "{host} speaks HTTP without encryption. Give it a certificate, or, in a "
    'network of your own, list it under "insecure-registries" in /etc/docker/daemon.json.',
    Kind.UNKNOWN_HOST: "The engine finds no host {host}. Correct `registry` in mldock.json, or "
    "look at the network.",
    Kind.CUT: "Nothing, or only half an answer, comes from {host}. Look whether it runs, and "
    "whether `registry` in mldock.json has the right port; then try again: layers that are "
    "there are not sent again.",
    Kind.OTHER: "The transfer of {image} has failed.",
}


@dataclass
class TransferError(Exception):
    """A transfer that the engine gives up."""

    text: str
    repository: str
    tag: str
    host: str
    answered: bool

    @property
    def kind(self) -> Kind:
        """What has gone wrong."""
        text = self.text.lower()
        # A project may be called `timeout`.
        for name in (self.repository.removeprefix(f"{self.host}/"), self.host, self.tag):
            text = text.replace(name.lower(), "")
        return next((kind for kind, signs in SIGNS.items() if re.search(signs, text)), Kind.OTHER)

    @property
    def passes(self) -> bool:
        """Whether another try can help: the registry was there, and then the line was cut."""
        return self.answered and self.kind is Kind.CUT

    def __str__(self) -> str:
        """Return one line for a person, with the engine's words."""
        answer = ANSWERS[self.kind].format(
            host=self.host,
            repository=self.repository,
            image=f"{self.repository}:{self.tag}",
            sign_in=sign_in(self.host),
            creation=creation(self.host, self.repository),
        )
        return f"{answer} Docker says: {' '.join(self.text.split())}"
