"""Pull the image of the checked-out commit from its registry, for `--docker`."""

from __future__ import annotations

from mldock.cli import options
from mldock.cli.engine import connect
from mldock.cli.registry.names import remote_image
from mldock.cli.registry.transfer import transfer
from mldock.cli.workspace import staged_project


def main() -> int:
    """Run the session."""
    parser = options.parser("pull", __doc__, "--stage prod")
    options.add_image_options(parser, "VERSION-COMMIT")
    arguments = parser.parse_args()
    project = staged_project(arguments)
    name, stage = remote_image(project, arguments.tag), project.tag or "latest"
    engine = connect()
    transfer("pull", name)
    engine.images.get(name).tag(project.image_name, stage)
    flag = f" --stage {arguments.stage}" if arguments.stage else ""
    print(f"It is {project.image_name}:{stage} here. Serve it: nox -s serve -- --docker{flag}")
    return 0
