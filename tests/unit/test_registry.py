"""Names of images in registries, and the remedy that Docker's errors get."""

from __future__ import annotations

import pytest
from mldock import ContainerError
from mldock.cli.registry import names
from mldock.cli.registry.names import assumed_image, remote_image
from mldock.cli.registry.transfer import TransferError
from mldock.project import Project

ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
CLEAN = "0123456789abcdef" * 2 + "01234567"


@pytest.mark.parametrize(
    ("name", "error", "remedy"),
    [
        (
            f"{ECR}/team/shop",
            "name unknown: The repository with name 'team/shop' does not exist in the registry "
            "with id '123456789012'",
            "Create the repository (Amazon ECR: push -- --create).",
        ),
        (
            f"{ECR}/team/shop",
            "tag invalid: The image tag 'prod' already exists in the 'team/shop' repository and "
            "cannot be overwritten because the repository is immutable.",
            "Commit, raise the version in mldock.json, or choose another name: --tag TAG.",
        ),
        (
            f"{ECR}/team/shop",
            "denied: User: arn:aws:iam::123456789012:user/x is not authorized to perform: "
            "ecr:InitiateLayerUpload on resource: x",
            "Sign in as a user who may use it: aws sso login, or AWS_PROFILE",
        ),
        (
            "docker.io/someone/shop",
            "push access denied, repository does not exist or may require authorization: server "
            "message: insufficient_scope: authorization failed",
            "Sign in as a user who may use it: docker login docker.io",
        ),
        (
            "ghcr.io/team/shop",
            "denied: permission_denied: The token provided does not match expected scopes.",
            "Sign in as a user who may use it: docker login ghcr.io",
        ),
        (
            "europe-docker.pkg.dev/project/images/shop",
            'name unknown: Repository "images" not found',
            "Create the repository",
        ),
        (
            "europe-docker.pkg.dev/project/images/shop",
            "unauthorized: authentication failed",
            "gcloud auth configure-docker europe-docker.pkg.dev",
        ),
        (
            "team.azurecr.io/shop",
            "unauthorized: authentication required, visit https://aka.ms/acr/authorization",
            "az acr login --name team.azurecr.io",
        ),
        (
            "harbor.example.com/team/shop",
            "unauthorized: project team not found: project team not found",
            "Create the repository",
        ),
        (
            "nexus.example.com:8443/shop",
            "failed to resolve reference: nexus.example.com:8443/shop:1: not found",
            "Push it first: nox -s push.",
        ),
        (
            "nexus.example.com:8443/shop",
            'Get "https://nexus.example.com:8443/v2/": tls: failed to verify certificate: x509: '
            "certificate signed by unknown authority",
            "/etc/docker/certs.d/nexus.example.com:8443/ca.crt",
        ),
        (
            "nexus.example.com:8443/shop",
            'Get "https://nexus.example.com:8443/v2/": http: server gave HTTP response to HTTPS '
            "client",
            '"insecure-registries"',
        ),
        (
            "auth.example.com/denied/immutable-model",
            "Head https://auth.example.com/v2/denied/immutable-model/blobs/1: unexpected EOF",
            "Try again: no layer is sent twice.",
        ),
    ],
)
def test_remedy(name: str, error: str, remedy: str) -> None:
    """Docker's own words are passed on in one line, and what to do follows."""
    line = str(TransferError(f"{name}:1", f"Error response from daemon: {error}\n"))

    assert line.startswith(f"{name}:1: {error.rstrip('.')}. ")
    assert remedy in line.removeprefix(f"{name}:1: {error}")
    assert "\n" not in line


@pytest.mark.parametrize(
    ("image_name", "registry", "wanted"),
    [
        ("shop", "registry.example.com/team", "registry.example.com/team/shop"),
        ("team/shop", "localhost:5000", "localhost:5000/team/shop"),
        ("ghcr.io/team/shop", "registry.example.com", "ghcr.io/team/shop"),
    ],
)
def test_name(monkeypatch: pytest.MonkeyPatch, image_name: str, registry: str, wanted: str) -> None:
    """Registry, version and commit name an image; a registry in `image_name` counts alone."""
    monkeypatch.setattr(names, "revision", lambda: CLEAN)
    project = Project(image_name=image_name, registry=registry, version="1.2.0")

    assert remote_image(project, None) == f"{wanted}:1.2.0-0123456789ab"
    assert remote_image(project, "trial") == f"{wanted}:trial"
    assert assumed_image(project, None) == (f"{wanted}:1.2.0-0123456789ab", [])


def test_assumed_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a registry and with changes a dry run has a name, and says what it assumed."""
    monkeypatch.setattr(names, "revision", lambda: f"{CLEAN}-dirty")
    project = Project(image_name="shop")

    with pytest.raises(ContainerError, match="names no registry"):
        remote_image(project, None)
    with pytest.raises(ContainerError, match="changes that are in no commit"):
        remote_image(Project(image_name="shop", registry="registry.example.com"), None)
    name, assumptions = assumed_image(project, None)

    assert name == "registry.example.com/shop:DRY-RUN"
    assert len(assumptions) == 2
    assert assumed_image(project, "trial")[0] == "registry.example.com/shop:trial"
