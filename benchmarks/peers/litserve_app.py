"""LitServe: `litserve_app.py PORT WORKERS BATCH`; a batch of 1 is none."""
# Found in the peer's environment only.
# LitServe takes the types of bodies from annotations; its documentation leaves them off.
# mypy: disable-error-code="import-not-found, import-untyped, misc, no-untyped-def"

from __future__ import annotations

import itertools
import sys
from typing import Any

import litserve

from benchmarks.peers.model import load


class Plain(litserve.LitAPI):
    """Predicts for each request."""

    def setup(self, _device: str) -> None:
        """Load the model, in each worker."""
        self.model = load()

    def decode_request(self, request):
        """Take the rows out of the body."""
        return request["instances"]

    def predict(self, rows: Any) -> Any:
        """Return the labels of the rows."""
        return self.model(rows)

    def encode_response(self, labels):
        """Return the body of the answer."""
        return {"predictions": labels}


class Batched(Plain):
    """Predicts for all requests that came within the window."""

    def batch(self, inputs: list[Any]) -> list[Any]:
        """Join the rows of the requests."""
        self.counts = [len(rows) for rows in inputs]
        return list(itertools.chain.from_iterable(inputs))

    def unbatch(self, output: Any) -> Any:
        """Give each request its labels."""
        labels = iter(output)
        return [list(itertools.islice(labels, count)) for count in self.counts]


def main() -> None:
    """Serve until a signal."""
    port, workers, batch = map(int, sys.argv[1:])
    api = Plain() if batch == 1 else Batched(max_batch_size=batch, batch_timeout=0.002)
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=workers)
    server.run(
        host="127.0.0.1",
        port=port,
        num_api_servers=workers,
        generate_client_file=False,
        log_level="warning",
        access_log=False,
    )


if __name__ == "__main__":
    main()
