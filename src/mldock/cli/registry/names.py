"""The name of an image in its registry: by version and commit, so that a name means one image."""

from __future__ import annotations

from mldock import ContainerError
from mldock.cli.registry.commits import revision
from mldock.project import Project


def remote_image(project: Project, tag: str | None) -> str:
    """Return the name in the registry; the tag is `VERSION-COMMIT` unless the user chose one."""
    name = project.image_name
    if not host_of(name):
        if not project.registry:
            raise ContainerError(
                "mldock.json names no registry. Add one, for all stages or for this one: "
                '"registry": "registry.example.com/team".'
            )
        name = f"{project.registry}/{name}"
    return f"{name}:{tag or unique_tag(project)}"


def assumed_image(project: Project, tag: str | None) -> tuple[str, list[str]]:
    """Return the image for a dry run, and what had to be assumed about its name."""
    assumptions = []
    if not project.registry and not host_of(project.image_name):
        project = project.model_copy(update={"registry": "registry.example.com"})
        assumptions.append("mldock.json names no registry: registry.example.com is assumed.")
    try:
        return remote_image(project, tag), assumptions
    except ContainerError:
        assumptions.append("No commit names the files as they are: the tag DRY-RUN is assumed.")
        return remote_image(project, "DRY-RUN"), assumptions


def host_of(name: str) -> str:
    """Return the registry that a name begins with, as Docker decides it; empty for Docker Hub."""
    host, slash, _ = name.partition("/")
    return host if slash and ("." in host or ":" in host or host == "localhost") else ""


def unique_tag(project: Project) -> str:
    """Return `VERSION-COMMIT`; such a tag is never given to another image."""
    commit, _, changes = revision().partition("-")
    if changes:
        raise ContainerError(
            "src/, wheels/ or mldock.json has changes that are in no commit, so that no commit "
            "names the image. Commit them, or choose a name: --tag TAG."
        )
    return f"{project.version}-{commit[:12]}"
