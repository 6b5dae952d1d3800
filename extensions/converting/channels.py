"""The channels of an old project, and the stage at which they have their remotes."""

from __future__ import annotations

import re
from typing import Any

from extensions.converting.notes import Notes
from extensions.converting.old import OldProject

NAME = re.compile(r"\.*[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")

# mldock moved channels at the stage prod alone; elsewhere it took the local folders.
STAGE = "prod"

Channel = dict[str, Any]


def channels(old: OldProject, kind: str, notes: Notes) -> tuple[list[Channel], list[Channel]]:
    """Return the channels of a kind as a run here has them, and with their remotes.

    Args:
        old: The old project.
        kind: `data` or `model`; that of a model is what a trainer saves.
        notes: Are told what cannot be carried.

    """
    local: dict[str, Channel] = {}
    remote: dict[str, Channel] = {}
    for entry in old.section(kind, list):
        name = str(entry.get("channel") or "") if isinstance(entry, dict) else ""
        if not NAME.fullmatch(name):
            notes.must.append(f"{old.config}: {kind} has an entry without a usable name. Add it.")
            continue
        channel: Channel = {"name": name}
        local[name] = dict(channel)
        if place := remote_of(old, entry, kind, notes):
            channel["remote"] = place
            if kind == "model":
                channel["direction"] = "output"
            elif entry.get("compression"):
                channel["unpack"] = True
            if remote.setdefault(name, channel) != channel:
                notes.must.append(
                    f"mldock.json: the channel {name} had several remotes, {place} too. A channel "
                    "has one: name the folder of all, or make channels of them."
                )
    if kind == "model":
        # What is saved needs no folder beforehand.
        return [], list(remote.values())
    # A container had all of data/, whatever the settings named.
    folders = {path.split("/")[1] for path in old.files if re.match(r"data/[^/]+/", path)}
    for name in sorted(folders - local.keys()):
        if NAME.fullmatch(name):
            local[name] = {"name": name}
            notes.adapted.append(f"mldock.json: data/{name}/ is a channel too.")
    return list(local.values()), list(remote.values())


def remote_of(old: OldProject, entry: Channel, kind: str, notes: Notes) -> str | None:
    """Return where a channel lies: the place of its remote, the kind, and its path there."""
    name = entry.get("remote")
    if not name:
        return None
    base = str(name) if "://" in str(name) else old.remotes.get(str(name))
    if base is None:
        notes.must.append(
            f"mldock.json: the remote {name!r} of the channel {entry['channel']} was named in "
            f".mldock/config on another machine. Say where it is: nox -s data -- add "
            f"{entry['channel']} REMOTE --stage {STAGE} --replace"
            + (" --model --output" if kind == "model" else "")
        )
        return None
    parts = [base.rstrip("/"), kind, str(entry.get("remote_path") or "").strip("/")]
    return "/".join(part for part in parts if part)
