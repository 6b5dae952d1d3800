"""Send a request to the server of this project and print the answer."""

from __future__ import annotations

import argparse
import json
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

from mldock.cli.environment import ROOT
from mldock.cli.proxies import open_url

CONTENT_TYPES = {
    ".json": "application/json",
    ".csv": "text/csv",
    ".jsonl": "application/jsonlines",
    ".npy": "application/x-npy",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".parquet": "application/vnd.apache.parquet",
}
TEXTS = ("application/json", "text/csv", "application/jsonlines")
STATE = ROOT / ".mldock" / "server.json"


def main() -> int:
    """Run the session; 0 when the server answered 200, 1 otherwise."""
    parser = argparse.ArgumentParser(
        prog="nox -s predict --",
        description="Send a request to the server of this project, and print the answer.",
        epilog="example: nox -s predict -- payload.csv --accept application/json",
    )
    endings = ", ".join(CONTENT_TYPES)
    parser.add_argument(
        "payload",
        type=Path,
        nargs="?",
        default=Path("payload.json"),
        help=f"a file: {endings} (payload.json)",
    )
    parser.add_argument("--url", help="where the server is (where nox -s serve has started it)")
    parser.add_argument(
        "--accept", choices=TEXTS, help="the type of the answer (that of the request, or JSON)"
    )
    options = parser.parse_args()
    content_type = CONTENT_TYPES.get(options.payload.suffix)
    if content_type is None:
        parser.error(f"{options.payload} must end in one of {endings}")
    if not options.payload.is_file():
        parser.error(f"{options.payload} does not exist; name a file that does")
    url = options.url or served_at()
    # A terminal shows no arrays: what is asked in one is answered in words all the same.
    accept = options.accept or ("*/*" if content_type in TEXTS else TEXTS[0])
    status, answer = post(url, options.payload.read_bytes(), content_type, accept)
    # In one piece: a server that logs to the same terminal must not cut into the line.
    sys.stdout.write(f"{answer.rstrip()}\n")
    if status != 200:
        print(f"The server answered with HTTP status {status}.", file=sys.stderr)
    return int(status != 200)


def post(url: str, body: bytes, content_type: str, accept: str) -> tuple[int, str]:
    """Send a body to /invocations and return the status and the text of the answer."""
    headers = {"Content-Type": content_type, "Accept": accept}
    request = urllib.request.Request(f"{url}/invocations", data=body, headers=headers)
    waiting = threading.Timer(1, sys.stderr.write, ["Waiting for the answer.\n"])
    waiting.start()
    try:
        with open_url(request) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        sys.exit(f"Nothing answers at {url} ({reason}). Start the server: nox -s serve")
    finally:
        waiting.cancel()


def served_at() -> str:
    """Return the address that `nox -s serve` wrote down, or its default."""
    text = STATE.read_text(encoding="utf-8") if STATE.is_file() else ""
    return str(json.loads(text or "{}").get("url", "http://127.0.0.1:8080"))
