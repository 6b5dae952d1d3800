"""The variables that the server reads."""

from __future__ import annotations

from scripts.docs.variable import Variable

SERVER = [
    Variable(
        "MLDOCK_SERVER_WORKERS",
        "a whole number above 0",
        "Processes that predict.",
        "16",
        "the CPUs that are granted",
    ),
    Variable(
        "MLDOCK_SERVER_TIMEOUT",
        "seconds",
        "How long a prediction may take. Then the answer is 504, and the worker is replaced.",
        "120",
        "60; in SageMaker's batch transform 600",
    ),
    Variable(
        "MLDOCK_SERVER_DRAIN",
        "seconds",
        "How long new requests are answered after SIGTERM.",
        "10",
        None,
    ),
    Variable(
        "MLDOCK_SERVER_DOCS",
        "`on` or `off`",
        "The page at `/`, and `/openapi.json`.",
        "off",
        "`on`; at the stage `prod` `off`",
    ),
    Variable(
        "MLDOCK_SERVER_METRICS_PORT",
        "a port, or 0",
        "Where Prometheus finds `/metrics`; 0 is nowhere.",
        "9100",
        "9090; 0 without nginx, and with `SAGEMAKER_BIND_TO_PORT`",
    ),
    Variable(
        "MLDOCK_SERVER_BIND",
        "an address with a port",
        "Where gunicorn listens itself, without nginx. `nox -s serve` sets it.",
        "127.0.0.1:8080",
        "behind nginx",
    ),
    Variable(
        "MLDOCK_SERVER_RELOAD",
        "`on` or `off`",
        "An edit of `src/` is live at once. `nox -s serve -- --reload` sets it.",
        "on",
        "`off`",
    ),
    Variable("SAGEMAKER_BIND_TO_PORT", "a port", "Where nginx listens.", "8081", None),
    Variable("SAGEMAKER_MAX_PAYLOAD_IN_MB", "MiB", "The largest body.", "6", None),
]
