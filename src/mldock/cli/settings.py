"""Changes of mldock.json: one entry of one list, and all else stays as it is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from mldock import ContainerError, Environment
from mldock.channels import Direction, Kind, check_name
from mldock.cli.environment import ROOT
from mldock.environment import platform_of
from mldock.errors import error_context
from mldock.places import local_path, split_uri
from mldock.project import read_project

Entry = dict[str, Any]

FILE = ROOT / "mldock.json"


def entry_of(name: str, remote: str | None, direction: Direction, unpack: bool) -> Entry:
    """Return a channel as mldock.json writes it, without what is the default.

    Raises:
        ContainerError: The name is not allowed, no platform knows the scheme of the remote, or
            what is to be unpacked is not an input with a remote.

    """
    if unpack and (direction == "output" or not remote):
        raise ContainerError("Only an input with a remote is unpacked. Leave out --unpack.")
    if check_name(name, "NAME") != name:
        raise ContainerError(f"NAME: {name!r} would become {name.lower()!r}. Write it like that.")
    entry: Entry = {"name": name}
    if remote:
        check_remote(remote)
        entry["remote"] = remote
    if direction == "output":
        entry["direction"] = direction
    if unpack:
        entry["unpack"] = unpack
    return entry


def check_remote(remote: str) -> None:
    """Refuse what no platform moves; whether it is there is not asked."""
    with error_context(f"REMOTE={remote}"):
        if platform_of(remote) is Environment:
            local_path(remote)
        else:
            split_uri(remote)


def add(stage: str | None, kind: Kind, entry: Entry, *, replace: bool) -> None:
    """Add a channel to mldock.json or to a stage of it, or put it in the place of its namesake.

    Raises:
        ContainerError: The namesake is there, and it is not to be replaced.

    """
    settings = read_settings(FILE, stage)
    channels = place_of(settings, stage).setdefault(kind, [])
    known = [one for one in channels if same(one, entry["name"], entry.get("direction", "input"))]
    if known and not replace:
        raise ContainerError(
            f"{where(stage)} has the {told(kind, entry)} already: {json.dumps(known[0])}. "
            "To change it, add --replace."
        )
    if known:
        channels[channels.index(known[0])] = entry
    else:
        channels.append(entry)
    write_settings(FILE, settings)
    print(f"{where(stage)} has the {told(kind, entry)} now.")


def remove(stage: str | None, kind: Kind, name: str, direction: Direction) -> None:
    """Take a channel out of its list; a list of a stage that it leaves empty goes with it.

    Raises:
        ContainerError: It is not there.

    """
    settings = read_settings(FILE, stage)
    place = place_of(settings, stage)
    channels = place.get(kind, [])
    kept = [entry for entry in channels if not same(entry, name, direction)]
    channel = told(kind, {"name": name, "direction": direction})
    if len(kept) == len(channels):
        there = ", ".join(told(kind, entry) for entry in channels) or f"no channel of {kind}"
        raise ContainerError(
            f"{where(stage)} has no {channel}; it has: {there}. "
            "--model, --output and --stage choose another."
        )
    channels[:] = kept
    if stage and not kept:
        del place[kind]
    write_settings(FILE, settings)
    print(f"{where(stage)} no longer has the {channel}. Its files stay where they are.")


def place_of(settings: Entry, stage: str | None) -> Entry:
    """Return the object that has the lists: the whole, or a stage of it."""
    place: Entry = settings["stages"][stage] if stage else settings
    return place


def same(entry: Entry, name: str, direction: str) -> bool:
    """Say whether an entry is the channel of that name and direction."""
    return bool(entry["name"] == name and entry.get("direction", "input") == direction)


def told(kind: Kind, entry: Entry) -> str:
    """Name a channel."""
    return f"{kind} {entry.get('direction', 'input')} channel {entry['name']!r}"


def where(stage: str | None) -> str:
    """Name the place of the lists."""
    return f"The stage {stage!r} of mldock.json" if stage else "mldock.json"


def read_settings(path: Path, stage: str | None) -> Entry:
    """Return a valid mldock.json that has the stage, its keys in their order."""
    read_project(path).at_stage(stage)
    settings: Entry = json.loads(path.read_bytes())
    return settings


def write_settings(path: Path, settings: Entry) -> None:
    """Replace mldock.json, as a whole and only by what is valid."""
    path = path.resolve()
    new = path.with_name(f"{path.name}.new")
    try:
        new.write_text(text_of(settings), encoding="utf-8")
        read_project(new)
        shutil.copymode(path, new)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def text_of(settings: Entry) -> str:
    """Write the content of mldock.json."""
    return json.dumps(settings, indent=2, ensure_ascii=False) + "\n"
