"""What an image is called in a registry: by version and commit, so that a name means one image."""

from __future__ import annotations

from mldock import ContainerError
from mldock.cli.registry.commits import commit, is_changed
from mldock.project import Project


def remote_image(project: Project, tag: str | None) -> str:
    """Return the name and tag of the image in its registry.

    Args:
        project: mldock.json at the chosen stage.
        tag: A tag that a person has chosen; without one, `VERSION-COMMIT`.

    Raises:
        ContainerError: No registry is named, or nothing names this state of the project.

    """
    return f"{repository(project)}:{tag or unique_tag(project)}"


def assumed_image(project: Project, tag: str | None) -> tuple[str, list[str]]:
    """Return the image for a dry run, and what had to be assumed about its name."""
    assumptions = []
    if not project.registry and not has_host(project.image_name):
        project = project.model_copy(update={"registry": "registry.example.com"})
        assumptions.append("mldock.json names no registry: registry.example.com is assumed.")
    try:
        return remote_image(project, tag), assumptions
    except ContainerError:
        assumptions.append("No commit names the files as they are: the tag DRY-RUN is assumed.")
        return remote_image(project, "DRY-RUN"), assumptions


def repository(project: Project) -> str:
    """Return the name of the image in its registry, without a tag."""
    if has_host(project.image_name):
        return project.image_name
    if not project.registry:
        raise ContainerError(
            "mldock.json names no registry. Add one, for all stages or for this one: "
            '"registry": "registry.example.com/team".'
        )
    return f"{project.registry}/{project.image_name}"


def has_host(name: str) -> bool:
    """Say whether a name begins with the host of a registry, as Docker decides it."""
    host, slash, _ = name.partition("/")
    return bool(slash) and ("." in host or ":" in host or host == "localhost")


def host_of(name: str) -> str:
    """Return the host of the registry that holds a repository."""
    return name.partition("/")[0] if has_host(name) else "docker.io"


def unique_tag(project: Project) -> str:
    """Return `VERSION-COMMIT`; such a tag is never given to another image."""
    if is_changed():
        raise ContainerError(
            "src/, wheels/ or mldock.json has changes that are in no commit, so that no commit "
            "names the image. Commit them, or choose a name: --tag TAG."
        )
    return f"{project.version}-{commit()}"
