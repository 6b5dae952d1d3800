"""Several hosts fit what one fits."""

from __future__ import annotations

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from mldock import Environment
from mldock.dask import run_worker, start_cluster
from sklearn.ensemble import RandomForestClassifier

# The second would have another machine behind it.
HOSTS = ["localhost", "127.0.0.1"]


def make_environment(path: Path, host: str, port: int) -> Environment:
    """Return the environment of one of the hosts."""
    environment = Environment(path / host, {"MLDOCK_SCHEDULER_PORT": str(port)})
    environment.config_dir.mkdir(parents=True)
    resources = {"current_host": host, "hosts": HOSTS}
    (environment.config_dir / "resourceconfig.json").write_text(json.dumps(resources), "utf-8")
    return environment


def test_hosts_fit_as_one(tmp_path: Path) -> None:
    """The forest of a cluster is that of a single host, and its hosts end with it."""
    with socket.create_server(("localhost", 0)) as server:
        port = server.getsockname()[1]
    first, second = (make_environment(tmp_path, host, port) for host in HOSTS)
    features = np.random.default_rng(0).normal(size=(60, 4))
    labels = features.sum(axis=1) > 0
    forests = [RandomForestClassifier(20, random_state=0) for _ in range(2)]
    forests[0].fit(features, labels)

    with ThreadPoolExecutor() as threads:
        worker = threads.submit(run_worker, second)
        with start_cluster(first) as parallel, parallel():
            forests[1].fit(features, labels)
        worker.result(timeout=60)

    one, cluster = (forest.predict_proba(features) for forest in forests)
    assert np.array_equal(one, cluster)
