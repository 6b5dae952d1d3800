"""Manage the channels of mldock.json; files move as they do in the container."""

from __future__ import annotations

import logging
import shutil
import sys
from argparse import Namespace

from mldock import ContainerError
from mldock.channels import Direction, Kind
from mldock.cli import options, settings
from mldock.cli.channels import ENVIRONMENT, advice, channels_of, find, folder_of, require_remote
from mldock.cli.environment import ROOT
from mldock.cli.table import print_table
from mldock.cli.workspace import staged_project
from mldock.errors import error_context
from mldock.lifecycle import fetch, packed_of
from mldock.logs import Formatter, redact
from mldock.places import is_file
from mldock.storage import files_below, upload
from rich.filesize import decimal


def main() -> int:
    """Run the session."""
    examples = "list", "add training s3://bucket/training --stage prod --replace", "pull"
    parser = options.parser("data", __doc__, *examples)
    commands = parser.add_subparsers(required=True, metavar="list|pull|push|add|remove")
    listed = options.subparser(commands, "list", list_channels, "show the channels and their files")
    pull = options.subparser(commands, "pull", pull_channels, "fetch input channels")
    pull.add_argument("names", nargs="*", metavar="NAME", help="which (all with a remote)")
    push = options.subparser(commands, "push", push_channels, "store folders at their remotes")
    push.add_argument("names", nargs="+", metavar="NAME", help="which")
    add = options.subparser(commands, "add", add_channel, "write a channel into mldock.json")
    add.add_argument("name", metavar="NAME", help="the name of its folder")
    add.add_argument("remote", nargs="?", metavar="REMOTE", help="a URI or a path (data/NAME)")
    add.add_argument("--unpack", action="store_true", help="it consists of archives to unpack")
    add.add_argument("--replace", action="store_true", help="replace the channel of that name")
    remove = options.subparser(commands, "remove", remove_channel, "take it out of mldock.json")
    remove.add_argument("name", metavar="NAME", help="the channel; its files stay")
    for sub in (listed, pull, push, add, remove):
        sub.add_argument("--stage", help="a stage of mldock.json (none: what all stages share)")
    for sub in (pull, push, add, remove):
        sub.add_argument("--model", action="store_true", help="a channel of models, not of data")
    for sub in (push, add, remove):
        sub.add_argument("--output", action="store_true", help="an output, not an input")
    arguments = parser.parse_args()
    # What the container would log.
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(Formatter("%(message)s"))
    logging.basicConfig(handlers=[handler])
    logging.getLogger("mldock").setLevel(logging.INFO)
    arguments.function(arguments)
    return 0


def list_channels(arguments: Namespace) -> None:
    """Print a table of the channels."""
    rows = []
    for channel in channels_of(staged_project(arguments)):
        folder = folder_of(channel)
        files = files_below(folder)
        place = redact(channel.remote) or f"{folder.relative_to(ROOT)}/"
        size = decimal(sum(path.stat().st_size for path in filter(is_file, files)))
        facts = [channel.name, channel.kind, channel.direction, place, str(len(files)), size]
        rows.append([*facts, "yes" if channel.unpack else ""])
    if rows:
        print_table(["name", "kind", "direction", "place", "files", "size", "unpack"], rows)
    else:
        print("mldock.json has no channels. Add one: nox -s data -- add NAME [REMOTE]")


def pull_channels(arguments: Namespace) -> None:
    """Fetch the input channels that are named, or all that have a remote."""
    channels = channels_of(staged_project(arguments))
    inputs = [channel for channel in channels if channel.direction == "input"]
    named = [find(inputs, name, arguments.model) for name in arguments.names]
    remotes = [channel for channel in inputs if channel.remote]
    chosen = named or [one for one in remotes if one.kind == "model" or not arguments.model]
    if not chosen:
        raise ContainerError(f"No input channel has a remote. {advice()}")
    for channel in chosen:
        require_remote(channel, arguments.stage)
        folder = folder_of(channel)
        fetch(ENVIRONMENT, channel, folder)
        # The folder `data/` is the user's: what is kept to continue from has no place in it.
        shutil.rmtree(packed_of(folder), ignore_errors=True)


def push_channels(arguments: Namespace) -> None:
    """Store the folders of channels at their remotes."""
    channels = channels_of(staged_project(arguments))
    named = [find(channels, name, arguments.model, arguments.output) for name in arguments.names]
    for channel in named:
        require_remote(channel, arguments.stage)
        folder = folder_of(channel)
        if channel.unpack:
            raise ContainerError(f"{channel.variable} is unpacked: store its archives yourself.")
        if not files_below(folder):
            raise ContainerError(f"{folder} has no files to store. Put them there.")
        with error_context(f"{channel.variable}={channel.remote}"):
            print(redact(f"{channel.variable}: {folder} -> {channel.remote}"))
            upload(ENVIRONMENT.store_of(channel.remote), folder, channel.variable)


def add_channel(arguments: Namespace) -> None:
    """Write a channel into mldock.json."""
    kind, direction = list_of(arguments)
    entry = settings.entry_of(arguments.name, arguments.remote, direction, arguments.unpack)
    settings.add(arguments.stage, kind, entry, replace=arguments.replace)


def remove_channel(arguments: Namespace) -> None:
    """Take a channel out of mldock.json; its files stay where they are."""
    kind, direction = list_of(arguments)
    settings.remove(arguments.stage, kind, arguments.name, direction)


def list_of(arguments: Namespace) -> tuple[Kind, Direction]:
    """Return the kind and the direction that --model and --output mean."""
    return "model" if arguments.model else "data", "output" if arguments.output else "input"
