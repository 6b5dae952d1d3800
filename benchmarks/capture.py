"""How long a capture takes by the number of files, phase by phase: `nox -s bench -- capture`."""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from extensions.building import Request, build_template
from extensions.recipe import Recipe
from extensions.rendering import exported

ROOT = Path(__file__).resolve().parents[1]
SIZES = (100, 300, 1_000, 3_000, 10_000)
GIT = ["git", "-c", "user.name=bench", "-c", "user.email=bench@example.com"]

# A file of a project: of ten, three have the project's name in them, and one a parameter.
LINES = "".join(f"    value_{number} = compute(rows, {number})\n" for number in range(40))
NAMED = f'"""Part of churn_model."""\n\nclass ChurnModelPart:\n{LINES}'
WITH_PARAMETER = f"epochs = 20\n{LINES}"


@dataclass(frozen=True)
class Sample:
    """One capture: its number of files, the seconds of each phase, and of all."""

    files: int
    seconds: float
    phases: dict[str, float]


def make_project(folder: Path, count: int) -> None:
    """Write and commit a project of so many files, fifty to a folder."""
    for number in range(count - 2):
        text = {0: NAMED, 3: NAMED, 6: NAMED, 9: WITH_PARAMETER}.get(number % 10, LINES)
        path = folder / "src" / f"part_{number // 50:03}" / f"module_{number:05}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {number}\n{text}", "utf-8")
    (folder / "src/container").mkdir()
    (folder / "src/container/Dockerfile").write_text("FROM scratch\n", "utf-8")
    (folder / "src/trainer.py").write_text("epochs = 20\n", "utf-8")
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "all"]):
        subprocess.run([*GIT, *command], cwd=folder, check=True)


def measure(count: int) -> Sample:
    """Capture a project of so many files into a copy of the templates, without its tests."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, exported(ROOT) as templates:
        project = Path(folder) / "churn"
        project.mkdir()
        make_project(project, count)
        recipe = Recipe(data={"project_name": "churn_model"})
        marks: list[tuple[str, float]] = []
        start = time.perf_counter()
        build_template(
            Request(project, "bench", recipe, tests=False),
            templates,
            lambda step: marks.append((step, time.perf_counter())),
        )
        marks.append(("", time.perf_counter()))
        ends = [at for _, at in marks[1:]]
        phases = {
            step: end - begin for (step, begin), end in zip(marks, ends, strict=False) if step
        }
        return Sample(count, marks[-1][1] - start, phases)


def table(samples: list[Sample]) -> str:
    """Return the seconds of each phase, a column for each size, and what a file costs."""
    head = ["phase", *(f"{sample.files:,}" for sample in samples)]
    rows = [
        [step, *(f"{sample.phases[step]:.2f}" for sample in samples)] for step in samples[0].phases
    ]
    rows.append(["all", *(f"{sample.seconds:.2f}" for sample in samples)])
    rows.append(["ms a file", *(f"{1e3 * one.seconds / one.files:.2f}" for one in samples)])
    lines = [head, [":--", *("--:" for _ in samples)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="capture", description=__doc__)
    parser.add_argument(
        "--files", type=int, action="append", help="a number of files; repeatable (100 to 10000)"
    )
    parser.add_argument("--output", type=Path, help="a file for all samples, as JSON (none)")
    options = parser.parse_args()
    samples = []
    for count in options.files or SIZES:
        samples.append(measure(count))
        print(f"{count:,} files: {samples[-1].seconds:.1f} s", flush=True)
    print(f"\n{table(samples)}")
    if options.output:
        text = json.dumps([asdict(sample) for sample in samples], indent=2)
        options.output.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
