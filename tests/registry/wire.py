"""A line to a registry that can be cut."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator

# Closing with this resets the line, as a firewall or a crash does.
RESET = struct.pack("ii", 1, 0)


class Wire:
    """Passes bytes on to a port, until `cuts` says of some that the line is to break there.

    With an answer the line does not break: who has sent them gets that answer.
    """

    def __init__(self, port: int, cuts: Callable[[bytes], bool], answer: bytes = b"") -> None:
        self.target = port
        self.cuts = cuts
        self.answer = answer
        self.sent = 0
        self.breaks = 0
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        """Take in lines until the end."""
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                threading.Thread(target=self.connect, args=[near], daemon=True).start()

    def connect(self, near: socket.socket) -> None:
        """Connect one line with the registry."""
        try:
            far = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            reset(near)
            return
        threading.Thread(target=self.carry, args=[far, near, None], daemon=True).start()
        self.carry(near, far, self.cuts)

    def carry(
        self, start: socket.socket, end: socket.socket, cuts: Callable[[bytes], bool] | None
    ) -> None:
        """Carry bytes from one end to the other."""
        try:
            while data := start.recv(65536):
                if cuts:
                    with self.lock:
                        self.sent += len(data)
                        broken = cuts(data)
                        self.breaks += broken
                    if broken and self.answer:
                        speak(self.answer, start)
                    if broken:
                        break
                end.sendall(data)
        except OSError:
            pass
        finally:
            reset(start)
            reset(end)

    def close(self) -> None:
        """Take in no more lines."""
        self.listener.close()


def reset(line: socket.socket) -> None:
    """End a line at once, whoever reads from it."""
    with contextlib.suppress(OSError):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        line.shutdown(socket.SHUT_RDWR)
    line.close()


def speak(answer: bytes, line: socket.socket) -> None:
    """Give an answer, and wait until it has been read."""
    line.sendall(answer)
    line.shutdown(socket.SHUT_WR)
    line.settimeout(10)
    while line.recv(65536):
        pass


@contextlib.contextmanager
def wire(port: int, cuts: Callable[[bytes], bool], answer: bytes = b"") -> Iterator[Wire]:
    """Yield a line to a port."""
    line = Wire(port, cuts, answer)
    try:
        yield line
    finally:
        line.close()
