"""The variables of the environment: what each one means, for the reference of docs/.

A test compares the list with the code; defaults that the code writes as numbers are read from it.
"""

from __future__ import annotations

from scripts.docs.server_variables import SERVER
from scripts.docs.variable import Variable

PLACE = "a path, or a URI"

GROUPS = {
    "Place and stage": [
        Variable(
            "MLDOCK_BASE_DIR",
            "a path",
            "The folder of `input/`, `model/`, `output/` and `checkpoints/`.",
            "/srv/ml",
            "`/opt/ml`; without Docker `.mldock/` of the project",
        ),
        Variable("MLDOCK_STAGE", "a name", "The stage of `mldock.json`.", "prod", "none"),
        Variable(
            "MLDOCK_LOGS_LEVEL",
            "a level of Python's",
            "What the log leaves out.",
            "DEBUG",
            "`INFO`",
        ),
        Variable(
            "MLDOCK_HYPERPARAMETERS",
            "a JSON object",
            "Hyperparameters. They take precedence over all files.",
            '{"seed": 7}',
            "`{}`",
        ),
    ],
    "Channels": [
        Variable(
            "MLDOCK_INPUT_CHANNEL_<NAME>",
            PLACE,
            "Fetched into `input/data/<name>/` before training.",
            "s3://bucket/training",
        ),
        Variable(
            "MLDOCK_OUTPUT_CHANNEL_<NAME>",
            PLACE,
            "Where `output/<name>/` is sent to after training.",
            "gs://bucket/output",
        ),
        Variable(
            "MLDOCK_INPUT_MODEL_CHANNEL_<NAME>",
            PLACE,
            "Fetched into `model/<name>/` before training or serving. "
            "`MLDOCK_MODEL_INPUT_CHANNEL_<NAME>` is the same.",
            "az://container/model",
        ),
        Variable(
            "MLDOCK_OUTPUT_MODEL_CHANNEL_<NAME>",
            PLACE,
            "Where `model/<name>/` is sent to after training. "
            "`MLDOCK_MODEL_OUTPUT_CHANNEL_<NAME>` is the same.",
            "/mnt/models/churn",
        ),
        Variable(
            "MLDOCK_CHECKPOINTS",
            PLACE,
            "Where `checkpoints/` is kept, so that a restarted job goes on.",
            "s3://bucket/checkpoints",
        ),
        Variable(
            "MLDOCK_UNPACK_CHANNELS",
            "names with commas",
            "Input channels that consist of archives, to be unpacked.",
            "training,test",
        ),
        Variable(
            "MLDOCK_UNPACK_LIMIT_GB",
            "a number above 0",
            "How much the archives of a channel may unpack to.",
            "500",
            None,
        ),
    ],
    "Being stopped, and several hosts": [
        Variable(
            "MLDOCK_STOP_GRACE",
            "seconds",
            "The time between SIGTERM and SIGKILL that the platform leaves to a training.",
            "30",
            None,
        ),
        Variable(
            "MLDOCK_STOPPED_EXIT_CODE",
            "0 to 255",
            "The exit code of a training that was stopped.",
            "143",
            None,
        ),
        Variable(
            "MLDOCK_HOSTS",
            "names with commas",
            "The hosts that train together, the same list on each.",
            "a,b,c",
            "one host",
        ),
        Variable(
            "MLDOCK_HOST_INDEX",
            "a whole number from 0",
            "The place of this host among them; `JOB_COMPLETION_INDEX` is the same.",
            "1",
        ),
        Variable(
            "MLDOCK_HOSTS_PORT",
            "a port",
            "Where the first host waits for the others.",
            "7000",
            None,
        ),
        Variable(
            "MLDOCK_HOSTS_TIMEOUT",
            "seconds",
            "How long a host that is gone may take to come back; 0 is not at all.",
            "60",
            None,
        ),
        Variable(
            "MLDOCK_JOIN_TIMEOUT",
            "seconds",
            "How long the hosts wait for one that has not come yet (templates pytorch, sklearn).",
            "120",
            None,
        ),
        Variable(
            "MLDOCK_RENDEZVOUS_PORT",
            "a port",
            "Where torchrun's launcher listens on the first host (template pytorch).",
            "29500",
            None,
        ),
        Variable(
            "MLDOCK_SCHEDULER_PORT",
            "a port",
            "Where Dask's scheduler listens on the first host (template sklearn).",
            "8800",
            None,
        ),
    ],
    "The server": SERVER,
}

# Those that one part of the container sets for another: nobody else needs them.
INTERNAL = frozenset({"MLDOCK_RUN_FILE", "MLDOCK_SERVER_STATE"})
