"""Sending an image to a registry and fetching it; after a cut once more, from where it was."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import docker
from docker.errors import APIError, DockerException
from docker.models.images import Image
from mldock import ContainerError
from mldock.cli.registry.credentials import SignIn
from mldock.cli.registry.faults import Kind, TransferError
from mldock.cli.registry.layers import Layers
from mldock.cli.registry.names import host_of
from urllib3.exceptions import HTTPError

# Seconds before each further try.
PAUSES = (2, 5, 15)

Events = Iterator[dict[str, Any]]


def engine_without_timeout() -> docker.DockerClient:
    """Return a client of an engine; a registry may take minutes to take in a layer."""
    try:
        engine = docker.from_env()
    except DockerException as error:
        raise ContainerError("No Docker engine answers. Start Docker.") from error
    engine.api.timeout = None
    return engine


@dataclass
class Transfer:
    """The way between an engine and one repository."""

    engine: docker.DockerClient
    repository: str
    sign_in: SignIn

    @classmethod
    def to(cls, repository: str) -> Transfer:
        """Return the way to a repository, with the credentials that there are for it."""
        return cls(engine_without_timeout(), repository, SignIn.to(host_of(repository)))

    def push(self, image: Image, tag: str) -> str:
        """Send an image under a tag and return its digest."""
        image.tag(self.repository, tag)
        return self.move("Sending", tag, self.engine.api.push)

    def pull(self, tag: str) -> Image:
        """Fetch the image that has a tag."""
        self.move("Fetching", tag, self.engine.api.pull)
        return self.engine.images.get(f"{self.repository}:{tag}")

    def digest(self, tag: str) -> str | None:
        """Return the digest that the registry has for a tag; None if it tells none."""
        while True:
            try:
                found = self.engine.api.inspect_distribution(
                    f"{self.repository}:{tag}", auth_config=dict(self.sign_in.credentials)
                )
            except APIError as error:
                if self.renews(self.fault(str(error.explanation), tag, True)):
                    continue
                # What is in the way is told by the push that follows.
                return None
            digest: str = found["Descriptor"]["digest"]
            return digest

    def move(self, title: str, tag: str, move: Callable[..., Events]) -> str:
        """Send or fetch, again after a cut, and return the digest.

        Raises:
            TransferError: The registry or the engine refuses, or the line is cut again and again.

        """
        pauses = iter(PAUSES)
        while True:
            try:
                return self.attempt(title, tag, move)
            except TransferError as fault:
                if self.renews(fault):
                    continue
                pause = next(pauses, None) if fault.passes else None
                if pause is None:
                    raise
                print(f"The line to {fault.host} was cut ({fault.text}).", flush=True)
                print(f"In {pause} s again; layers that are there are not sent again.", flush=True)
                time.sleep(pause)

    def attempt(self, title: str, tag: str, move: Callable[..., Events]) -> str:
        """Send or fetch once and return the digest."""
        layers = Layers(title)
        digest: str | None = None
        try:
            for event in move(
                self.repository,
                tag,
                stream=True,
                decode=True,
                auth_config=dict(self.sign_in.credentials),
            ):
                if "error" in event:
                    raise self.fault(event["error"], tag, bool(layers.moved))
                layers.note(event)
                if event.get("status", "").startswith("Digest: "):
                    digest = event["status"].removeprefix("Digest: ")
                digest = (event.get("aux") or {}).get("Digest", digest)
        except APIError as error:
            raise self.fault(str(error.explanation), tag, bool(layers.moved)) from error
        except KeyboardInterrupt as error:
            raise ContainerError(
                "Interrupted. Layers that are there are not sent again."
            ) from error
        # The engine, not the registry, has gone.
        except (OSError, HTTPError) as error:
            raise ContainerError(
                f"The Docker engine has ended the transfer. Try again. It says: {error}"
            ) from error
        finally:
            layers.close()
        if digest is None:
            raise self.fault("the transfer ended without a digest (EOF)", tag, bool(layers.moved))
        return digest

    def renews(self, fault: TransferError) -> bool:
        """Say whether there now are other credentials than those that were refused."""
        return fault.kind in (Kind.REFUSED, Kind.NOT_SIGNED_IN) and self.sign_in.renew()

    def fault(self, text: str, tag: str, answered: bool) -> TransferError:
        """Return what the engine says, with what it was about."""
        return TransferError(text, self.repository, tag, host_of(self.repository), answered)
