"""How far the layers of an image are: one bar on a terminal, elsewhere a line a layer."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Mapping
from typing import Any, NoReturn

from tqdm import tqdm

# Words of the engine for a layer that needs nothing more.
COMPLETE = ("Pushed", "Layer already exists", "Mounted from", "Pull complete", "Already exists")
MOVING = ("Pushing", "Downloading")

# Between two lines of a log, for a layer that takes long.
SECONDS = 10.0


class Layers:
    """What an engine says of the layers while it sends or fetches them."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.moved: dict[str, int] = {}
        self.totals: dict[str, int] = {}
        self.complete: set[str] = set()
        self.said = time.monotonic()
        self.bar: tqdm[NoReturn] | None = None
        if sys.stderr.isatty():
            self.bar = tqdm(
                desc=title,
                total=0,
                unit="B",
                unit_scale=True,
                leave=False,
                # Engines give terminals that tell no size, on which tqdm itself shows nothing.
                ncols=shutil.get_terminal_size().columns - 1,
                nrows=24,
            )

    def note(self, event: Mapping[str, Any]) -> None:
        """Take in one message of the engine."""
        layer, status = event.get("id"), event.get("status", "")
        # The first message of a fetch has the tag in that place.
        if not layer or status.startswith("Pulling from"):
            return
        self.moved.setdefault(layer, 0)
        detail = event.get("progressDetail") or {}
        if status.startswith(MOVING) and "current" in detail:
            self.totals[layer] = max(detail.get("total") or 0, detail["current"])
            self.moved[layer] = detail["current"]
        if status.startswith("Retrying"):
            self.say(f"{layer}: cut; {status[0].lower()}{status[1:]}")
        if status.startswith(COMPLETE) and layer not in self.complete:
            self.moved[layer] = self.totals.get(layer, 0)
            self.complete.add(layer)
            if self.bar is None:
                self.say(f"{layer}: {status[0].lower()}{status[1:]}")
        self.show(drawn=status.startswith(COMPLETE))

    def show(self, drawn: bool) -> None:
        """Draw the bar, now or soon; elsewhere write a line when there has been none for long."""
        moved, total = sum(self.moved.values()), sum(self.totals.values())
        count = f"{len(self.complete)} of {len(self.moved)} layers"
        if self.bar is not None:
            self.bar.total = total
            self.bar.set_postfix_str(count, refresh=False)
            self.bar.update(moved - self.bar.n)
            if drawn:
                self.bar.refresh()
        elif time.monotonic() - self.said > SECONDS:
            self.say(f"{self.title}: {moved / 1e6:.0f} of {total / 1e6:.0f} MB, {count}")

    def say(self, line: str) -> None:
        """Write a line, above the bar if there is one."""
        self.said = time.monotonic()
        if self.bar is not None:
            self.bar.write(line)
        else:
            print(line, flush=True)

    def close(self) -> None:
        """Take the bar away."""
        if self.bar is not None:
            self.bar.close()
