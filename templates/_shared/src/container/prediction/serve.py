"""`executor.sh serve`: nginx in front of gunicorn, started together and stopped in order."""

from __future__ import annotations

import sys
from pathlib import Path

from mldock.serving import Server

from container.assets import ServingContainer

NGINX_CONF = Path(__file__).with_name("nginx.conf")


def main() -> int:
    """Serve until SIGTERM and return the exit code: 1 if the model fails or a process dies."""
    # gunicorn imports `app` of wsgi.py. What is raised in this block is logged; then all ends.
    with Server(app="container.prediction.wsgi:app", nginx_conf=NGINX_CONF) as server:
        # A wrong setting is reported now, not after an hour of downloads.
        server.prepare()
        # From here on its cleanup() runs at the end, once the server has run.
        container = server.container = ServingContainer(server.environment)
        container.startup()
        # On SIGTERM /ping fails, nginx drains, then gunicorn ends: no request in flight is lost.
        server.run()
    return server.exit_code


if __name__ == "__main__":
    sys.exit(main())
