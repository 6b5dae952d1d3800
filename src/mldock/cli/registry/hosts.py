"""Registries by their hosts: how a person signs in, and how a repository comes to be there."""

from __future__ import annotations

import re

GOOGLE = re.compile(r"[a-z0-9-]+\.pkg\.dev|([a-z]+\.)?gcr\.io")
AZURE = re.compile(r"([a-z0-9]+)\.azurecr\.io")
ECR = re.compile(r"(\d{12})\.dkr\.ecr(-fips)?\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?")


def region_of(host: str) -> str | None:
    """Return the region of an ECR registry; None for all others."""
    found = ECR.fullmatch(host)
    return found[3] if found else None


def sign_in(host: str) -> str:
    """Say how a person signs in."""
    if region_of(host):
        return (
            "Sign in to AWS (aws sso login, AWS_PROFILE, or a role) as one who may use this "
            "registry; ECR's own sign-in follows from it."
        )
    if GOOGLE.fullmatch(host):
        return f"Sign in: gcloud auth login, then gcloud auth configure-docker {host}"
    if azure := AZURE.fullmatch(host):
        return f"Sign in: az acr login --name {azure[1]}"
    if host == "ghcr.io":
        return "Sign in: docker login ghcr.io, with a token that has write:packages as password."
    return "Sign in: docker login" if host == "docker.io" else f"Sign in: docker login {host}"


def creation(host: str, repository: str) -> str:
    """Say how a repository comes to be."""
    folder = repository.removeprefix(f"{host}/").rpartition("/")[0]
    if region_of(host):
        return "Create it: nox -s push -- --create"
    if GOOGLE.fullmatch(host) and folder.count("/") == 1:
        project, name = folder.split("/")
        location = host.removesuffix("-docker.pkg.dev")
        return (
            f"Create it: gcloud artifacts repositories create {name} --project {project} "
            f"--location {location} --repository-format docker"
        )
    if host == "docker.io":
        return "Its folder must be your user or organization of Docker Hub; see `registry` there."
    return (
        f"Create the project or folder {folder!r} there, or correct `registry` in mldock.json."
        if folder
        else "Create it there, or correct `registry` in mldock.json."
    )
