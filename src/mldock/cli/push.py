"""Push the image to its registry, under its version and commit and under the stage's tag."""

from __future__ import annotations

import re
from argparse import Namespace
from contextlib import suppress

from docker.errors import APIError, ImageNotFound
from docker.models.images import Image
from mldock import ContainerError
from mldock.cli import options
from mldock.cli.engine import connect
from mldock.cli.registry.commits import REVISION, revision
from mldock.cli.registry.ecr import create
from mldock.cli.registry.names import remote_image
from mldock.cli.registry.transfer import TransferError, transfer
from mldock.cli.workspace import staged_project
from mldock.project import Project, read_project

# Registries say so where there is no such tag, or none that they show.
ABSENT = re.compile("unknown|not found|not exist|denied|unauthorized|forbidden")


def main() -> int:
    """Run the session."""
    parser = options.parser("push", __doc__, "--stage prod", "--stage prod --create")
    options.add_image_options(parser, "VERSION-COMMIT")
    parser.add_argument("--create", action="store_true", help="create the repository (Amazon ECR)")
    arguments = parser.parse_args()
    project = staged_project(arguments)
    name = remote_image(project, arguments.tag)
    repository, _, tag = name.rpartition(":")
    image = built_image(project, arguments)
    if arguments.create:
        create(repository, project)
    if arguments.tag or not is_pushed(name, image):
        image.tag(repository, tag)
        transfer("push", name)
    image = connect().images.get(name)
    stage = project.tag or "latest"
    image.tag(repository, stage)
    try:
        transfer("push", f"{repository}:{stage}")
    except TransferError as error:
        if "immutab" not in error.reason:
            raise
        print(f"{repository}:{stage} was not moved: tags are immutable there.")
    digests = image.attrs["RepoDigests"]
    print(next((digest for digest in digests if digest.startswith(f"{repository}@")), name))
    return 0


def built_image(project: Project, arguments: Namespace) -> Image:
    """Return the local image of the commit; one that no stage has built is every stage's."""
    tags = [arguments.tag, project.tag, read_project().tag or "latest"]
    names = [f"{project.image_name}:{tag}" for tag in dict.fromkeys(tags) if tag]
    for name in names:
        # A tag that cannot be one is an error of the engine.
        with suppress(ImageNotFound, APIError):
            image = connect().images.get(name)
            if image.labels.get(REVISION) == revision():
                return image
    stage = f" -- --stage {arguments.stage}" if arguments.stage else ""
    raise ContainerError(
        f"No {' or '.join(names)} was built from what is checked out. Build it: nox -s build{stage}"
    )


def is_pushed(name: str, image: Image) -> bool:
    """Return whether the name of the commit has an image, which is then here under that name.

    One name, one image: what was tested under it is what each stage gets.
    """
    try:
        transfer("pull", name)
    except TransferError as error:
        if ABSENT.search(error.reason):
            return False
        raise
    if connect().images.get(name).id != image.id:
        print(
            f"{name} exists already, from another build of the same commit, and stays. To push "
            "this build too, name it: --tag TAG.",
            flush=True,
        )
    return True
