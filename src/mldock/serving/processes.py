"""The two processes of the server, nginx and gunicorn: started, and ended."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

from mldock.serving.resources import granted_cpus
from mldock.serving.settings import ServerSettings

# The signals that let what is in flight be answered.
GRACEFUL_STOP = {"nginx": signal.SIGQUIT, "gunicorn": signal.SIGTERM}

Processes = dict[str, "subprocess.Popen[bytes]"]


def start_all(
    settings: ServerSettings, app: str, nginx_conf: Path, runtime_dir: Path, state_dir: Path
) -> Processes:
    """Start the processes; the first is the one that is to be stopped first."""
    gunicorn = start_gunicorn(settings, app, runtime_dir, state_dir)
    if settings.bind:
        return {"gunicorn": gunicorn}
    # gunicorn still answers what nginx has accepted.
    return {"nginx": start_nginx(settings, nginx_conf, runtime_dir), "gunicorn": gunicorn}


def start_nginx(
    settings: ServerSettings, nginx_conf: Path, runtime_dir: Path
) -> subprocess.Popen[bytes]:
    """Start nginx with its configuration and temporary files in `runtime_dir`."""
    text = nginx_conf.read_text(encoding="utf-8")
    workers = [
        f"server unix:{runtime_dir}/{slot}.sock max_fails=0;" for slot in range(settings.workers)
    ]
    for word, value in {
        # As root, nginx would give its workers to another user, who cannot read runtime_dir.
        "USER": "user root;" if os.geteuid() == 0 else "",
        "PORT": settings.port,
        "DIRECTORY": runtime_dir,
        "WORKERS": "\n        ".join(workers),
        "MAX_BODY_MB": settings.max_body_mb,
        "TOO_LARGE": settings.too_large,
        # A prediction that takes too long is answered by the worker itself.
        "TIMEOUT": settings.timeout + 2,
    }.items():
        text = text.replace(f"@{word}@", str(value))
    (runtime_dir / "nginx.conf").write_text(text, encoding="utf-8")
    return start(["nginx", "-e", "stderr", "-p", str(runtime_dir), "-c", "nginx.conf"])


def start_gunicorn(
    settings: ServerSettings, app: str, runtime_dir: Path, state_dir: Path
) -> subprocess.Popen[bytes]:
    """Start gunicorn on a socket for nginx, or on an address of its own."""
    threads = str(max(1, granted_cpus() // settings.workers))
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", threads)
    os.environ["MLDOCK_SERVER_STATE"] = str(state_dir)
    command = [sys.executable, "-m", "gunicorn", app]
    command += ["--bind", settings.bind or f"unix:{runtime_dir}/gunicorn.sock"]
    command += ["--workers", str(settings.workers)]
    command += ["--worker-class", "mldock.serving.workers.Worker"]
    # gunicorn kills a worker whose event loop stands still; nginx has told the client by then.
    command += ["--timeout", str(settings.timeout + 5), "--keep-alive", "65"]
    # A heartbeat file on a disk that blocks would get healthy workers killed.
    command += ["--worker-tmp-dir", str(state_dir)]
    # The control socket lies in the home directory, which may be read-only.
    command += ["--no-control-socket", "--config", "python:mldock.serving.workers"]
    command += ["--log-level", logging.getLevelName(logging.getLogger().level).lower()]
    if settings.reload:
        # A file of bytecode is told from another by the second, which may have two edits.
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    else:
        command.append("--preload")
    return start(command)


def start(command: list[str]) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own: Ctrl-C reaches this one, which stops it in order."""
    return subprocess.Popen(command, start_new_session=True)


def stop(process: subprocess.Popen[bytes], number: int) -> None:
    """Send a signal to a process and its workers until it has ended.

    Workers are told too, and again: one that is just being forked misses the first signal, and
    those of a master that was killed have nobody else to tell them.
    """
    ended = False
    while not ended:
        signal_group(process, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1)
            ended = True


def signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    """Send a signal to a process and its workers."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
