"""Under which address this host is known to the others of its job."""

from __future__ import annotations

import socket
import time

from mldock.errors import ContainerError

# In seconds, between two attempts.
PAUSE = 0.2


def find_address(first: str, port: int, seconds: float) -> str:
    """Return the address of this host on its way to the first one, as soon as that one listens.

    Raises:
        ContainerError: It did not listen in so many seconds.

    """
    until = time.monotonic() + seconds
    while True:
        try:
            # SIGTERM can end this waiting, as it cannot that of a launcher's native code.
            with socket.create_connection((first, port), timeout=5) as line:
                address: str = line.getsockname()[0]
                return address
        except OSError as error:
            if time.monotonic() > until:
                raise ContainerError(
                    f"the first host ({first}:{port}) was not reached in {seconds:.0f} s: {error}. "
                    "Its log says why."
                ) from error
            time.sleep(PAUSE)
