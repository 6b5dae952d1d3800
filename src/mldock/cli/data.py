"""Manage the channels of mldock.json; files move as they do in the container."""

from __future__ import annotations

import logging
import shutil
import sys
from argparse import Namespace

from mldock import ContainerError
from mldock.channels import Channel, Direction, Kind
from mldock.cli import options, settings
from mldock.cli.channels import (
    ENVIRONMENT,
    advice,
    channels_of,
    find,
    folder_of,
    require_remote,
    wanted,
)
from mldock.cli.environment import ROOT
from mldock.cli.table import human, table, terminal_width
from mldock.cli.workspace import staged_project
from mldock.errors import telling
from mldock.lifecycle import fetch, packed_of
from mldock.logs import Formatter, redact
from mldock.storage import files_below, upload

FILE = ROOT / "mldock.json"


def main() -> int:
    """Run the session."""
    parser = options.parser(
        "data",
        __doc__,
        "list",
        "add training s3://bucket/training --stage prod --replace",
        "push training --stage prod",
        "pull",
    )
    commands = parser.add_subparsers(required=True, metavar="list|pull|push|add|remove")
    show = options.subparser(commands, "list", list_channels, "show the channels and their files")
    pull = options.subparser(commands, "pull", pull_channels, "fetch input channels")
    pull.add_argument("names", nargs="*", metavar="NAME", help="which (all with a remote)")
    push = options.subparser(commands, "push", push_channels, "store folders at their remotes")
    push.add_argument(
        "names", nargs="*", metavar="NAME", help="which (none: name them, or give --all)"
    )
    push.add_argument("--all", action="store_true", help="store all channels with a remote")
    add = options.subparser(commands, "add", add_channel, "write a channel into mldock.json")
    add.add_argument("name", metavar="NAME", help="the name of its folder")
    add.add_argument(
        "remote", nargs="?", metavar="REMOTE", help="s3://, gs://, az:// or a path (data/NAME)"
    )
    add.add_argument("--unpack", action="store_true", help="it consists of archives to unpack")
    add.add_argument("--replace", action="store_true", help="replace the channel of that name")
    remove = options.subparser(commands, "remove", remove_channel, "take it out of mldock.json")
    remove.add_argument("name", metavar="NAME", help="the channel; its files stay")
    for sub in (show, pull, push, add, remove):
        sub.add_argument("--stage", help="a stage of mldock.json (none: what all stages share)")
    for sub in (pull, push, add, remove):
        sub.add_argument("--model", action="store_true", help="a channel of models, not of data")
    for sub in (push, add, remove):
        sub.add_argument("--output", action="store_true", help="an output, not an input")
    arguments = parser.parse_args()
    show_transfers()
    arguments.function(arguments)
    return 0


def show_transfers() -> None:
    """Print what the container would log."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(Formatter("%(message)s"))
    logging.basicConfig(handlers=[handler])
    logging.getLogger("container").setLevel(logging.INFO)


def list_channels(arguments: Namespace) -> None:
    """Print a table of the channels."""
    rows = []
    for channel in channels_of(staged_project(arguments)):
        folder = folder_of(channel)
        files = files_below(folder)
        place = redact(channel.remote) or f"{folder.relative_to(ROOT)}/"
        size = human(sum(path.stat().st_size for path in files))
        facts = [channel.name, channel.kind, channel.direction, place, str(len(files)), size]
        rows.append([*facts, "yes" if channel.unpack else ""])
    if not rows:
        print("mldock.json has no channels. Add one: nox -s data -- add NAME [REMOTE]")
        return
    head = ["name", "kind", "direction", "place", "local files", "size", "unpack"]
    print(table(head, rows, terminal_width()))


def pull_channels(arguments: Namespace) -> None:
    """Fetch the input channels that are named, or all that have a remote."""
    channels = channels_of(staged_project(arguments))
    chosen = [find(channels, name, arguments.model) for name in arguments.names] or [
        channel
        for channel in channels
        if channel.remote and channel.direction == "input" and wanted(channel, arguments.model)
    ]
    if not chosen:
        raise ContainerError(f"No input channel has a remote. {advice()}")
    for channel in chosen:
        if channel.direction == "output":
            raise ContainerError(
                f"{channel.variable} is an output channel, and pull fetches inputs. To have its "
                "files here, add an input with the same remote."
            )
        require_remote(channel, arguments.stage)
        folder = folder_of(channel)
        fetch(ENVIRONMENT, channel, folder)
        # The folder `data/` is a person's: what is kept to go on from has no place in it.
        shutil.rmtree(packed_of(folder), ignore_errors=True)


def push_channels(arguments: Namespace) -> None:
    """Store the folders of channels at their remotes."""
    channels = channels_of(staged_project(arguments))
    if bool(arguments.names) == arguments.all:
        raise ContainerError("Say which channels to store: names, or --all and no name.")
    named = [find(channels, name, arguments.model, arguments.output) for name in arguments.names]
    chosen = named or [
        channel
        for channel in channels
        if channel.remote
        and not channel.unpack
        and wanted(channel, arguments.model, arguments.output)
    ]
    if not chosen:
        raise ContainerError(f"No channel has a remote to store at. {advice()}")
    for channel in chosen:
        require_remote(channel, arguments.stage)
        if channel.unpack:
            raise ContainerError(
                f"{channel.variable} is fetched as archives, and its folder has what was in them. "
                f"Store archives at {channel.remote} yourself, or declare it without --unpack."
            )
        folder = folder_of(channel)
        if not files_below(folder):
            raise ContainerError(f"{folder} has no files to store. Put them there.")
        with telling(f"{channel.variable}={channel.remote}"):
            print(redact(f"{channel.variable}: {folder} -> {channel.remote}"))
            upload(ENVIRONMENT.store_of(channel.remote), folder, channel.variable)


def add_channel(arguments: Namespace) -> None:
    """Write a channel into mldock.json."""
    kind, direction = chosen_list(arguments)
    if arguments.unpack and (direction == "output" or not arguments.remote):
        raise ContainerError("Only an input with a remote is unpacked. Leave out --unpack.")
    entry = settings.entry_of(arguments.name, arguments.remote, direction, arguments.unpack)
    content = settings.read_settings(FILE, arguments.stage)
    settings.add(content, arguments.stage, kind, entry, replace=arguments.replace)
    settings.write_settings(FILE, content)
    print(f"{settings.where(arguments.stage)} has the {settings.told(kind, entry)} now.")


def remove_channel(arguments: Namespace) -> None:
    """Take a channel out of mldock.json."""
    kind, direction = chosen_list(arguments)
    content = settings.read_settings(FILE, arguments.stage)
    settings.remove(content, arguments.stage, kind, arguments.name, direction)
    settings.write_settings(FILE, content)
    channel = Channel(arguments.name, kind, direction, "", arguments.name)
    print(
        f"{settings.where(arguments.stage)} has it no more; its files stay where they are, "
        f"in {folder_of(channel).relative_to(ROOT)}/ and at its remote."
    )


def chosen_list(arguments: Namespace) -> tuple[Kind, Direction]:
    """Return the kind and the direction that --model and --output mean."""
    return "model" if arguments.model else "data", "output" if arguments.output else "input"
