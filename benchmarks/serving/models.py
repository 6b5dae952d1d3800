"""The models: each trained once, by a generated project, which is then what is measured."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

import copier

from benchmarks.serving.environments import variables

EXPORT = Path(__file__).with_name("export.py")
TITLES = {
    "forest": "Random forest of 100 trees, 30 features",
    "logistic": "Scaler and logistic regression, 30 features",
    "network": "Small convolutional network in PyTorch, 64 features",
}
Row = list[float]

# What the trainer of the sklearn template has, and what stands there for the other model.
ESTIMATOR = "RandomForestClassifier"
LOGISTIC = "make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))"
LOGISTIC_IMPORTS = """\
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
"""


@dataclass(frozen=True)
class Model:
    """A trained model.

    Attributes:
        name: `forest`, `logistic` or `network`.
        project: The generated project that has trained it and serves it.
        file: The same estimator, as the peers load it.
        singles: Rows that are sent one at a time.
        batch: Rows that are sent at once; `singles` are the first of them.
        labels: What the estimator itself answers to `batch`.
        requirements: The versions of the libraries that it was trained with.

    """

    name: str
    project: Path
    file: Path
    singles: list[Row]
    batch: list[Row]
    labels: list[str]
    requirements: list[str]


class Models:
    """Makes models in a folder, from the templates of a repository."""

    def __init__(self, folder: Path, source: Path, torch_wheel: Path | None) -> None:
        self.folder, self.source, self.torch_wheel = folder, source, torch_wheel

    def make(self, name: str) -> Model:
        """Generate a project, train its model and export it.

        Raises:
            RuntimeError: A step has failed; what it printed stands above.

        """
        project, exported = self.folder / f"project-{name}", self.folder / f"model-{name}"
        exported.mkdir()
        self.generate(project, "pytorch" if name == "network" else "sklearn")
        if name == "logistic":
            swap_estimator(project / "src/trainer.py")
        run([sys.executable, "-m", "nox", "-s", "train"], project)
        python = str(project / ".venv/bin/python")
        run([python, str(EXPORT), str(project), str(exported)], project)
        facts = json.loads((exported / "facts.json").read_text("utf-8"))
        file = exported / ("model.pt" if name == "network" else "model.joblib")
        return Model(name, project, file, **facts)

    def generate(self, project: Path, template: str) -> None:
        """Make a project for this Python, so that all contenders run on the same one."""
        answers = {"template": template, "python_version": "{}.{}".format(*sys.version_info)}
        with warnings.catch_warnings():
            # To measure what is not committed yet is what this is for.
            warnings.simplefilter("ignore", copier.errors.DirtyLocalWarning)
            source = str(self.source)
            copier.run_copy(
                source, project, data=answers, defaults=True, quiet=True, vcs_ref="HEAD"
            )
        if template == "pytorch" and self.torch_wheel:
            shutil.copy(self.torch_wheel, project / "wheels")


def swap_estimator(path: Path) -> None:
    """Let a trainer fit a logistic regression where it fits a forest.

    Raises:
        RuntimeError: The trainer has another estimator now.

    """
    text = path.read_text("utf-8")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == ESTIMATOR:
            call = ast.get_source_segment(text, node) or ""
            text = text.replace(call, LOGISTIC)
            header = "from sklearn.pipeline import"
            path.write_text(text.replace(header, LOGISTIC_IMPORTS + header), encoding="utf-8")
            return
    raise RuntimeError(f"{path} calls no {ESTIMATOR}. Name its estimator in {__file__}.")


def run(command: list[str], folder: Path) -> None:
    """Run a step in a folder; print what it printed if it fails."""
    # The project's environment is made by the uv beside this Python.
    environment = variables(Path(sys.executable).parent)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode} in {folder}")
