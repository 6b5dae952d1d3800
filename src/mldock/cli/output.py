"""The output of containers, line by line; that of several on one terminal has the hosts' names."""

from __future__ import annotations

import os
import sys
import threading
from queue import Queue

from docker.errors import DockerException
from docker.models.containers import Container

# Of the eight that each terminal has, those that can be read on black and on white.
COLOURS = ("36", "33", "35", "32", "34", "31")


def write(data: bytes) -> None:
    """Write to this process's output; once nobody reads it (`| head`), nowhere: the job goes on."""
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Output:
    """Where all hosts write."""

    def __init__(self, names: list[str]) -> None:
        width = max(len(name) for name in names)
        coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        self.prefixes = {}
        for number, name in enumerate(names):
            prefix = f"{name:{width}} | "
            if coloured:
                prefix = f"\033[{COLOURS[number % len(COLOURS)]}m{prefix}\033[0m"
            self.prefixes[name] = prefix.encode()
        self.lock = threading.Lock()

    def tell(self, name: str, text: str) -> None:
        """Say something of a host."""
        self.write(name, f"{name} {text}".encode())

    def write(self, name: str, line: bytes) -> None:
        """Write a line of a host."""
        with self.lock:
            write(self.prefixes[name] + line + b"\n")

    def follow(self, name: str, container: Container, ended: Queue[tuple[str, int]]) -> None:
        """Write what a container writes; when it has ended, remove it and tell its exit code."""
        threading.Thread(target=self.copy, args=(name, container, ended)).start()

    def copy(self, name: str, container: Container, ended: Queue[tuple[str, int]]) -> None:
        """Do so until the end."""
        # An engine that goes away takes the exit code with it.
        code = 1
        try:
            rest = b""
            for part in container.logs(stream=True, follow=True):
                *lines, rest = (rest + part).split(b"\n")
                for line in lines:
                    self.write(name, line)
            if rest:
                self.write(name, rest)
            code = container.wait()["StatusCode"]
            # Removed first, since who sees the code may look for what is left behind.
            container.remove()
        except DockerException as error:
            self.tell(name, f"cannot be followed: {error}")
        finally:
            ended.put((name, code))
