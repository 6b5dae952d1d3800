"""Logs of SageMaker's hosts, out of CloudWatch."""

from __future__ import annotations

import re
import time
from typing import Any

from botocore.exceptions import ClientError
from mldock.cli.deploy.sagemaker.account import Account

# Lines of different hosts arrive out of order; in milliseconds.
LATE = 60_000

STARTED_AT = re.compile(r"-\d{9,}$")


class Logs:
    """The streams of a log group whose names have one beginning.

    Attributes:
        by_host: Whether lines say which host they are of.

    """

    def __init__(
        self, account: Account, group: str, prefix: str = "", *, by_host: bool = False
    ) -> None:
        self.client = account.client("logs")
        self.names = {"logGroupName": group}
        if prefix:
            self.names["logStreamNamePrefix"] = prefix
        self.by_host = by_host
        # The clock of this machine may be wrong, so only what lies well behind it is left out.
        self.since = int(time.time() * 1000) - 15 * LATE
        self.seen: dict[str, int] = {}
        self.readable = True

    def new(self) -> list[str]:
        """Return the lines that have come since the last time."""
        if not self.readable:
            return []
        try:
            return [self.told(event) for event in self.events()]
        except ClientError as error:
            fault = error.response["Error"]
            # Until a host has logged something there is no group.
            if fault["Code"] == "ResourceNotFoundException":
                return []
            self.readable = False
            return [f"(The log cannot be read: {fault.get('Message', fault['Code'])})"]

    def events(self) -> list[dict[str, Any]]:
        """Return the events that have not been returned yet."""
        pages = self.client.get_paginator("filter_log_events")
        found = [
            event
            for page in pages.paginate(**self.names, startTime=self.since)
            for event in page["events"]
            if event["eventId"] not in self.seen
        ]
        found.sort(key=lambda event: event["timestamp"])
        self.seen |= {event["eventId"]: event["timestamp"] for event in found}
        if found:
            self.since = max(self.since, found[-1]["timestamp"] - LATE)
            self.seen = {name: moment for name, moment in self.seen.items() if moment >= self.since}
        return found

    def told(self, event: dict[str, Any]) -> str:
        """Return the line of an event."""
        message = str(event["message"]).rstrip()
        if not self.by_host:
            return message
        return f"{STARTED_AT.sub('', event['logStreamName'].rpartition('/')[2])} | {message}"
