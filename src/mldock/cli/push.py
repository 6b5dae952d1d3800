"""Send the image to its registry, under its version and commit and under the stage's tag."""

from __future__ import annotations

import contextlib
from argparse import Namespace

from docker.errors import ImageNotFound
from docker.models.images import Image
from mldock import ContainerError
from mldock.cli import options
from mldock.cli.registry import ecr
from mldock.cli.registry.faults import Kind, TransferError
from mldock.cli.registry.hosts import creation, region_of
from mldock.cli.registry.labels import difference, is_current
from mldock.cli.registry.names import host_of, remote_image
from mldock.cli.registry.transfer import Transfer
from mldock.cli.workspace import staged_project
from mldock.project import Project, read_project


def main() -> int:
    """Run the session."""
    parser = options.parser("push", __doc__, "--stage prod", "--stage prod --create")
    options.add_image_options(parser, "VERSION-COMMIT")
    parser.add_argument(
        "--create", action="store_true", help="make the repository first (Amazon ECR)"
    )
    arguments = parser.parse_args()
    project = staged_project(arguments)
    repository, _, tag = remote_image(project, arguments.tag).rpartition(":")
    transfer = Transfer.to(repository)
    image = built_image(transfer, project, arguments)
    if arguments.create:
        create(project, repository)
    try:
        print(f"{repository}@{push(transfer, project, arguments, image, tag)}")
    except TransferError as fault:
        raise ContainerError(str(fault)) from fault
    return 0


def built_image(transfer: Transfer, project: Project, arguments: Namespace) -> Image:
    """Return the local image of the commit; one that no stage has built is every stage's."""
    tags = dict.fromkeys([arguments.tag, tag_of(project), tag_of(read_project())])
    found: dict[str, Image] = {}
    for name in [f"{project.image_name}:{tag}" for tag in tags if tag]:
        with contextlib.suppress(ImageNotFound):
            found[name] = transfer.engine.images.get(name)
    build = f"nox -s build -- --stage {arguments.stage}" if arguments.stage else "nox -s build"
    if not found:
        name = f"{project.image_name}:{tag_of(project)}"
        raise ContainerError(f"There is no image {name}. Build it: {build}")
    for image in found.values():
        if is_current(image.labels):
            return image
    name, image = next(iter(found.items()))
    raise ContainerError(f"{difference(name, image.labels)} Build it again: {build}")


def tag_of(project: Project) -> str:
    """Return the tag that the stage's newest image has."""
    return project.tag or "latest"


def create(project: Project, repository: str) -> None:
    """Make the repository where a registry wants that before the first push."""
    host = host_of(repository)
    region = region_of(host)
    if region is None:
        raise ContainerError(f"--create is for Amazon ECR. {creation(host, repository)}")
    if ecr.create(host, region, repository, ecr.movable_tags(project)):
        print(f"Created {repository}: it scans each image, and tags that name a commit stay.")
    else:
        print(f"{repository} is there already; it stays as it is.")


def push(transfer: Transfer, project: Project, arguments: Namespace, image: Image, tag: str) -> str:
    """Send the image under both tags and return its digest."""
    there = None if arguments.tag else transfer.digest(tag)
    if there and not any(name.endswith(f"@{there}") for name in image.attrs["RepoDigests"]):
        # One name, one image: what was tested under it is what the stage gets.
        print(
            f"{transfer.repository}:{tag} is there already, from another build of the same "
            "commit, and stays. To send this build too, name it: --tag TAG."
        )
        image = transfer.pull(tag)
        if not is_current(image.labels):
            raise ContainerError(
                f"{difference(f'{transfer.repository}:{tag}', image.labels)} Raise the version in "
                "mldock.json, or choose another name: --tag TAG."
            )
    digest = there or transfer.push(image, tag)
    print(f"{transfer.repository}:{tag} is there.")
    stage = tag_of(project)
    if stage != tag:
        follow(transfer, image, stage)
    return digest


def follow(transfer: Transfer, image: Image, stage: str) -> None:
    """Give the image the stage's tag, which moves from image to image where a registry lets it."""
    try:
        transfer.push(image, stage)
        print(f"{transfer.repository}:{stage} is the same image.")
    except TransferError as fault:
        if fault.kind is not Kind.IMMUTABLE:
            raise
        print(f"{transfer.repository}:{stage} was not moved: tags are immutable there.")
