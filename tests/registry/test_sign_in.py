"""Docker's own configuration says who signs in; what is refused is one line with a remedy."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client import free_port
from tests.engine import host_address
from tests.registry import server
from tests.registry.server import USER, Registry
from tests.registry.shop import Shop

pytestmark = pytest.mark.docker


@pytest.fixture
def signed_in(shop: Shop, registry: Registry) -> Iterator[Shop]:
    """Return the project; its owner is signed in again after the test."""
    yield shop
    shop.sign_in(registry)


def password(text: str) -> dict[str, str]:
    """Return an entry of Docker's configuration."""
    return {"auth": base64.b64encode(f"{USER}:{text}".encode()).decode()}


def test_nobody_signed_in(signed_in: Shop, registry: Registry) -> None:
    """Without credentials the line says how to sign in there."""
    signed_in.configure()

    for session in ("push", "pull"):
        code, output = signed_in.run(session)

        assert code == 1
        wanted = f"Sign in as a user who may use it: docker login {registry.host}"
        assert wanted in output


def test_wrong_password(signed_in: Shop, registry: Registry) -> None:
    """A refused password is told as such, and is not in the output."""
    signed_in.configure(auths={registry.host: password("not-the-password")})

    for session in ("push", "pull"):
        code, output = signed_in.run(session)

        assert code == 1
        assert f"Sign in as a user who may use it: docker login {registry.host}" in output
        assert "not-the-password" not in output


@pytest.fixture
def helper(tmp_path: Path, registry: Registry) -> Path:
    """Return a folder with a credential helper, and a log of what it is asked for."""
    program = tmp_path / "docker-credential-mldock"
    program.write_text(
        "#!/bin/sh\n"
        f'read -r host; echo "$1 $host" >> {tmp_path}/asked\n'
        f'echo \'{{"Username": "{USER}", "Secret": "{registry.password}"}}\'\n',
        "utf-8",
    )
    program.chmod(0o755)
    return tmp_path


def test_helper_comes_first(signed_in: Shop, registry: Registry, helper: Path) -> None:
    """A credential helper is asked before a password in the file is used."""
    signed_in.configure(
        auths={registry.host: password("old")}, credHelpers={registry.host: "mldock"}
    )

    code, output = signed_in.run("push", PATH=f"{helper}:{os.environ['PATH']}")

    assert code == 0, output
    assert f"get {registry.host}\n" in (helper / "asked").read_text("utf-8")
    assert registry.password not in output


@pytest.mark.parametrize(
    ("host", "message"),
    [
        ("127.0.0.1:{port}", "connection refused. "),
        ("registry.invalid", "no such host. "),
    ],
)
def test_no_registry_there(shop: Shop, registry: Registry, host: str, message: str) -> None:
    """An address at which there is none is told at once, without further tries."""
    port = free_port()
    shop.set(registry=host.format(port=port))
    try:
        shop.build()
        code, output = shop.run("push")
    finally:
        shop.set(registry=f"{registry.host}/team")
        shop.build()

    assert code == 1
    assert f"{message}Try again: no layer is sent twice. Check `registry` in" in output


def test_certificate(shop: Shop, registry: Registry) -> None:
    """An engine refuses a certificate whose authority it does not know, until it is given it."""
    with server.serving(host_address()) as stranger:
        shop.set(registry=f"{stranger.host}/team")
        shop.build()
        try:
            shop.configure(auths={stranger.host: password(stranger.password)})
            code, output = shop.run("push")

            assert code == 1
            assert "x509: certificate signed by unknown authority" in output
            assert f"/etc/docker/certs.d/{stranger.host}/ca.crt" in output

            trust(stranger)
            code, output = shop.run("push")

            assert code == 0, output
            assert set(stranger.tags(f"team/{shop.name}")) == {shop.unique_tag(), "latest"}
        finally:
            forget(stranger)
            shop.set(registry=f"{registry.host}/team")
            shop.build()
            shop.sign_in(registry)


def trust(registry: Registry) -> None:
    """Let the engine of this machine trust the authority of a registry."""
    folder = f"/etc/docker/certs.d/{registry.host}"
    as_root("mkdir", "-p", folder)
    as_root("tee", f"{folder}/ca.crt", given=registry.authority)


def forget(registry: Registry) -> None:
    """Take the authority away again."""
    as_root("rm", "-rf", f"/etc/docker/certs.d/{registry.host}")


def as_root(*command: str, given: bytes = b"") -> None:
    """Run a command as root; where one may not, the rest of the test is left out but in CI."""
    if os.geteuid() and not os.environ.get("CI"):
        pytest.skip("only root may tell the engine of an authority")
    sudo = ["sudo", "--non-interactive"] if os.geteuid() else []
    subprocess.run([*sudo, *command], input=given, check=True, capture_output=True, timeout=150)
