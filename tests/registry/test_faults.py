"""What engines and registries say, and what a person reads.

The words are those that Docker's engine passes on from each registry; the registries themselves
are out of a test's reach.
"""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from tests.project import Project, generate

ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"

CASES = [
    (
        f"{ECR}/team/shop",
        "name unknown: The repository with name 'team/shop' does not exist in the registry with "
        "id '123456789012'",
        f"{ECR} has no repository {ECR}/team/shop. Create it: nox -s push -- --create",
    ),
    (
        f"{ECR}/team/shop",
        "denied: Your authorization token has expired. Reauthenticate and try again.",
        f"{ECR} refuses the sign-in that Docker has. Sign in to AWS (aws sso login,",
    ),
    (
        f"{ECR}/team/shop",
        "tag invalid: The image tag 'prod' already exists in the 'team/shop' repository and "
        "cannot be overwritten because the repository is immutable.",
        f"{ECR}/team/shop:1 is there already, and tags cannot be moved there.",
    ),
    (
        f"{ECR}/team/shop",
        "denied: User: arn:aws:iam::123456789012:user/x is not authorized to perform: "
        "ecr:InitiateLayerUpload on resource: x",
        f"{ECR} does not let you use {ECR}/team/shop. Ask its owner for the right",
    ),
    (
        "someone/shop",
        "denied: requested access to the resource is denied",
        "docker.io denies someone/shop: you are not signed in, may not use it, or there is none. "
        "Sign in: docker login ",
    ),
    (
        "docker.io/someone/shop",
        "push access denied, repository does not exist or may require authorization: server "
        "message: insufficient_scope: authorization failed",
        "docker.io denies docker.io/someone/shop: ",
    ),
    (
        "ghcr.io/team/shop",
        "denied: permission_denied: The token provided does not match expected scopes.",
        "ghcr.io does not let you use ghcr.io/team/shop. Ask its owner for the right, or sign in "
        "as another. Sign in: docker login ghcr.io, with a token that has write:packages",
    ),
    (
        "europe-docker.pkg.dev/project/images/shop",
        'name unknown: Repository "images" not found',
        "Create it: gcloud artifacts repositories create images --project project --location "
        "europe --repository-format docker",
    ),
    (
        "europe-docker.pkg.dev/project/images/shop",
        "unauthorized: authentication failed",
        "Sign in: gcloud auth login, then gcloud auth configure-docker europe-docker.pkg.dev",
    ),
    (
        "team.azurecr.io/shop",
        "unauthorized: authentication required, visit https://aka.ms/acr/authorization",
        "Sign in: az acr login --name team",
    ),
    (
        "harbor.example.com/team/shop",
        "unauthorized: project team not found: project team not found",
        "harbor.example.com has no repository harbor.example.com/team/shop. Create the project "
        "or folder 'team' there",
    ),
    (
        "nexus.example.com:8443/shop",
        'Get "https://nexus.example.com:8443/v2/": tls: failed to verify certificate: x509: '
        "certificate signed by unknown authority",
        "Give it the certificate of its authority: "
        "/etc/docker/certs.d/nexus.example.com:8443/ca.crt",
    ),
    (
        "nexus.example.com:8443/shop",
        'Get "https://nexus.example.com:8443/v2/": http: server gave HTTP response to HTTPS client',
        "nexus.example.com:8443 speaks HTTP without encryption.",
    ),
    (
        "nexus.example.com/shop",
        "received unexpected HTTP status: 503 Service Unavailable",
        "Nothing, or only half an answer, comes from nexus.example.com.",
    ),
    (
        "nexus.example.com/denied/immutable-model",
        "Head https://nexus.example.com/v2/denied/immutable-model/blobs/1: unexpected EOF",
        "Nothing, or only half an answer, comes from nexus.example.com.",
    ),
    ("nexus.example.com/shop", "write /x: no space left on device", "The transfer of nexus"),
]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return what a person reads in each case."""
    project: Project = generate(tmp_path_factory.mktemp("faults") / "shop", template="generic")
    # The first session makes the environment.
    assert project.nox("report").returncode == 0
    code = (
        "import json, sys\n"
        "from mldock.cli.registry.faults import TransferError\n"
        "from mldock.cli.registry.names import host_of\n"
        "errors = [TransferError(text, name, '1', host_of(name), True)\n"
        "    for name, text, _ in json.load(sys.stdin)]\n"
        "print(json.dumps([str(error) for error in errors]))"
    )
    path = os.pathsep.join([str(project.path), str(project.path / "src")])
    result = subprocess.run(
        [str(project.path / ".venv" / "bin" / "python"), "-c", code],
        input=json.dumps(CASES),
        env={**os.environ, "PYTHONPATH": path},
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
    )
    found: list[str] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize("number", range(len(CASES)))
def test_one_line_with_a_remedy(answers: list[str], number: int) -> None:
    """The line names what is wrong and the remedy of that registry, and then the engine's words."""
    _, text, wanted = CASES[number]

    assert wanted in answers[number]
    assert answers[number].endswith(f" Docker says: {text}")
    assert "\n" not in answers[number]
