"""Fetch the image of the checked-out commit from its registry, for `--docker`."""

from __future__ import annotations

from mldock import ContainerError
from mldock.cli import options
from mldock.cli.registry.faults import TransferError
from mldock.cli.registry.names import remote_image
from mldock.cli.registry.transfer import Transfer
from mldock.cli.workspace import staged_project


def main() -> int:
    """Run the session."""
    parser = options.parser("pull", __doc__, "--stage prod")
    options.add_image_options(parser, "VERSION-COMMIT")
    arguments = parser.parse_args()
    project = staged_project(arguments)
    repository, _, tag = remote_image(project, arguments.tag).rpartition(":")
    try:
        image = Transfer.to(repository).pull(tag)
    except TransferError as fault:
        raise ContainerError(str(fault)) from fault
    stage = project.tag or "latest"
    image.tag(project.image_name, stage)
    print(f"{repository}:{tag} is here as {project.image_name}:{stage}.")
    flag = f" --stage {arguments.stage}" if arguments.stage else ""
    print(f"Serve with it: nox -s serve -- --docker{flag}")
    return 0
