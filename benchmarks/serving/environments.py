"""An environment for each peer, with pinned versions, kept for the next run."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

PEERS = Path(__file__).resolve().parents[1] / "peers"


def provide(name: str, libraries: list[str], folder: Path, torch_wheel: Path | None) -> Path:
    """Return the folder of the executables of an environment, made if it is not there yet.

    Args:
        name: A file of requirements in `peers/`.
        libraries: What all contenders have in the same version.
        folder: Where environments are kept.
        torch_wheel: A build of torch for the CPU; without it, uv's index of such builds is asked.

    Raises:
        RuntimeError: It cannot be installed, with the reason.

    """
    file = PEERS / f"{name}.txt"
    wanted = [str(torch_wheel) if torch_wheel and is_torch(one) else one for one in libraries]
    made_of = "\n".join([sys.version, file.read_text("utf-8"), *wanted])
    place = folder / f"{name}-{hashlib.sha256(made_of.encode()).hexdigest()[:8]}"
    stamp = place / "complete"
    if not stamp.exists():
        print(f"installing the environment of {name}", file=sys.stderr, flush=True)
        uv("venv", "--clear", "--python", sys.executable, str(place))
        backend = (
            [] if torch_wheel or not any(map(is_torch, libraries)) else ["--torch-backend=cpu"]
        )
        # Compiled now, so that the first start is no slower than the next.
        options = ["--compile-bytecode", "--python", str(place), *backend]
        uv("pip", "install", *options, "-r", str(file), *wanted)
        stamp.touch()
    return place / "bin"


def variables(executables: Path) -> dict[str, str]:
    """Return this process's variables, with other executables first on PATH.

    Those for this Python are left out: they may say not to keep what is compiled, or to keep it
    elsewhere, and each start would take longer.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**own, "PATH": os.pathsep.join([str(executables), os.environ["PATH"]])}


def is_torch(requirement: str) -> bool:
    """Say whether a requirement is torch."""
    return requirement.startswith("torch==")


def uv(*arguments: str) -> None:
    """Run uv, which comes with this repository's requirements."""
    command = [sys.executable, "-m", "uv", "--quiet", *arguments]
    environment = variables(Path(sys.executable).parent)
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"uv {arguments[0]} has failed: {done.stderr.strip()}")
