"""Write `src/requirements.lock.jinja` of every template: exact versions for every answer.

A lock is compiled with and without the compiled model, as `nox -s lock` in a generated project
would compile it; lines that only one of them has stand under a condition.
"""

from __future__ import annotations

import argparse
import itertools
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import copier

ROOT = Path(__file__).parents[1]

# What torch's builds for the CPU do without.
CUDA = re.compile(r"(nvidia|cuda|triton)[-=]")


def main() -> None:
    """Write the locks of the templates named on the command line, or of all."""
    every = sorted(path.stem for path in (ROOT / "templates").glob("*.yml"))
    parser = argparse.ArgumentParser(prog="nox -s lock --", description=__doc__)
    parser.add_argument(
        "templates", nargs="*", metavar="TEMPLATE", default=every, help="which of them (all)"
    )
    for template in parser.parse_args().templates:
        choices = [True, False] if template == "sklearn" else [False]
        locks = {compiled: compile_lock(template, compiled) for compiled in choices}
        path = ROOT / "templates" / template / "src" / "requirements.lock.jinja"
        path.write_text(merge(locks), encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: {len(set().union(*locks.values()))} lines")


def compile_lock(template: str, compiled: bool) -> list[str]:
    """Return the lines of the lock that a project with these answers gets."""
    print(f"{template}{', compiled' if compiled else ''}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        answers = {"template": template, "compile_model": compiled}
        copier.run_copy(str(ROOT), folder, data=answers, defaults=True, quiet=True, vcs_ref="HEAD")
        uv = [sys.executable, "-m", "uv", "pip", "compile", "--quiet"]
        # The index of CPU builds is for installing; the versions are the same.
        plain = ["--no-config", "--no-annotate", "--no-header", "--upgrade"]
        compile_ = [*uv, "--universal", "--python-version", "3.11", *plain]
        image = ["src/requirements.txt", "src/container/requirements.txt"]
        # What a project's sessions need must go together with it.
        together = [*image, "requirements-dev.txt", "--output-file", "together.lock"]
        subprocess.run([*compile_, *together], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        result = subprocess.run(
            [*compile_, *image, "--constraints", "together.lock"],
            cwd=folder,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    return result.stdout.splitlines()


def merge(locks: dict[bool, list[str]]) -> str:
    """Return one text that renders to each of the locks by the answers."""

    def condition(line: str) -> str:
        parts = ["compile_model"] if line not in locks[False] else []
        parts += ['accelerator == "cuda"'] if CUDA.match(line) else []
        return " and ".join(parts)

    def by_name(line: str) -> tuple[str, str]:
        return line.partition("==")[0], line

    lines = sorted(set().union(*locks.values()), key=by_name)
    text = (
        "# Written by nox -s lock: exact versions of all that the two requirements.txt ask for.\n"
    )
    for needed, group in itertools.groupby(lines, condition):
        block = "".join(f"{line}\n" for line in group)
        text += f"{{% if {needed} -%}}\n{block}{{% endif -%}}\n" if needed else block
    return text


if __name__ == "__main__":
    main()
