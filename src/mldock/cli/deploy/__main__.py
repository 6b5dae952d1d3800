"""Run the image on SageMaker or Kubernetes."""

from __future__ import annotations

from mldock.cli import options
from mldock.cli.deploy import kubernetes, sagemaker


def main() -> int:
    """Run a command of a platform and return its exit code."""
    parser = options.parser(
        "deploy",
        __doc__,
        "kubernetes serve --stage prod",
        "kubernetes rollout --stage prod --undo-on-failure",
        "sagemaker train --stage prod -p epochs=3",
        "sagemaker endpoint --help",
    )
    platforms = parser.add_subparsers(metavar="PLATFORM", required=True)
    for name, platform in (("sagemaker", sagemaker), ("kubernetes", kubernetes)):
        description = platform.__doc__ or ""
        added = platforms.add_parser(name, help=description, description=description)
        platform.add_commands(added.add_subparsers(metavar="COMMAND", required=True))
    arguments = parser.parse_args()
    code: int = arguments.function(arguments)
    return code
