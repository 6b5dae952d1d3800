"""Run by a project's Python: give the model that it has trained to the peers, with its answers.

`export.py PROJECT FOLDER` writes the model as the peers load it, and `facts.json`: rows to ask for,
the labels that the model gives them in this process, and the versions of the libraries.
"""
# Found in the project's environment only.
# mypy: disable-error-code="import-not-found, import-untyped"

from __future__ import annotations

import csv
import itertools
import json
import shutil
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np

SINGLES = 64
BATCH = 1000


def export_sklearn(project: Path, folder: Path, rows: np.ndarray) -> list[str]:
    """Write a joblib file, which all peers read."""
    import joblib
    import skops.io

    path = project / ".mldock/model/classifier/model.skops"
    # The project has written it a moment ago.
    model = skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))
    joblib.dump(model, folder / "model.joblib")
    return [str(label) for label in model.predict(rows)]


def export_torch(project: Path, folder: Path, rows: np.ndarray) -> list[str]:
    """Write the network whole, and the module of its class."""
    sys.path.insert(0, str(project / "src"))
    import torch

    from network import Network

    network = Network()
    network.load_state_dict(torch.load(project / ".mldock/model/classifier/model.pt"))
    torch.save(network.eval(), folder / "model.pt")
    shutil.copy(project / "src/network.py", folder)
    with torch.inference_mode():
        return [str(label.item()) for label in network(torch.tensor(rows).float()).argmax(dim=1)]


def main() -> None:
    """Write the files."""
    project, folder = Path(sys.argv[1]), Path(sys.argv[2])
    (path,) = project.glob("data/training/*.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        # The last column is the label; a row with an empty cell is no row for every peer.
        rows = [row[:-1] for row in itertools.islice(csv.reader(file), 1, None) if all(row)]
    table = np.array(rows, dtype=float)
    table = table[np.random.default_rng(0).permutation(len(table))]
    batch = table[np.arange(BATCH) % len(table)]
    is_torch = (project / "src/network.py").exists()
    labels = (export_torch if is_torch else export_sklearn)(project, folder, batch)
    libraries = ["numpy", "torch"] if is_torch else ["numpy", "scikit-learn", "joblib"]
    facts = {
        "singles": batch[:SINGLES].tolist(),
        "batch": batch.tolist(),
        "labels": labels,
        "requirements": [f"{name}=={version(name)}" for name in libraries],
    }
    (folder / "facts.json").write_text(json.dumps(facts), encoding="utf-8")


if __name__ == "__main__":
    main()
