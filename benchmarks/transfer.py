"""Downloads and uploads beside the aws CLI, plain boto3 and s3fs: `nox -s bench -- transfer`."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.measure import measure
from benchmarks.server import BUCKET, Server, tool

HERE = Path(__file__).resolve().parent
SOURCES = HERE.parent / "templates" / "generic" / "src"
CONTENDERS = ("ours", "cli", "boto3", "s3fs", "server")
TITLES = {
    "ours": "this repository",
    "cli": "aws CLI",
    "boto3": "boto3, a loop",
    "s3fs": "s3fs",
    "server": "(bare requests)",
}


@dataclass(frozen=True)
class Case:
    """So many objects of one size, one way."""

    name: str
    direction: str
    count: int
    size: int

    @property
    def title(self) -> str:
        """Say what it moves."""
        way = "Download" if self.direction == "down" else "Upload"
        return f"{way} of {self.count:,} x {self.size / 1e6:,g} MB"


@dataclass(frozen=True)
class Sample:
    """One run of a contender; `transfer` is without the start of the process."""

    case: str
    contender: str
    wall: float
    cpu: float
    memory: int
    transfer: float


def make_files(case: Case, directory: Path) -> None:
    """Write files of random bytes, a hundred to a folder."""
    for number in range(case.count):
        path = directory / f"{number // 100:03}" / f"{number:06}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            for start in range(0, case.size, 2**20):
                file.write(os.urandom(min(2**20, case.size - start)))


def store_files(server: Server, directory: Path) -> None:
    """Put the files where each contender fetches them from."""
    client = server.client()
    paths = [path for path in directory.rglob("*") if path.is_file()]

    def put(path: Path) -> None:
        client.upload_file(str(path), BUCKET, f"source/{path.relative_to(directory).as_posix()}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put, paths))


def command_of(contender: str, case: Case, uri: str, directory: Path) -> list[str]:
    """Return the command that moves the files."""
    if contender != "cli":
        python = str(tool("s3fs") / "python") if contender == "s3fs" else sys.executable
        return [python, str(HERE / "client.py"), contender, case.direction, uri, str(directory)]
    ends = [uri, str(directory)]
    if case.count == 1:
        name = "000/000000.bin"
        ends = [f"{uri}/{name}", str(directory / name)]
    if case.direction == "up":
        ends.reverse()
    recursive = [] if case.count == 1 else ["--recursive"]
    return [str(tool("awscli") / "aws"), "s3", "cp", "--quiet", *recursive, *ends]


def check(server: Server, case: Case, contender: str, uri: str, directory: Path) -> None:
    """Refuse a run that has not moved all."""
    if contender == "server":
        return
    if case.direction == "down":
        sizes = [path.stat().st_size for path in directory.rglob("*.bin")]
    else:
        pages = server.client().get_paginator("list_objects_v2")
        listed = pages.paginate(Bucket=BUCKET, Prefix=uri.removeprefix(f"s3://{BUCKET}/") + "/")
        items = [item for page in listed for item in page.get("Contents", ())]
        sizes = [item["Size"] for item in items if item["Key"].endswith(".bin")]
    if sizes != [case.size] * case.count:
        raise RuntimeError(f"{contender} has moved {len(sizes)} files of {case.count}")


def run_once(server: Server, case: Case, contender: str, files: Path, number: int) -> Sample:
    """Let one contender move the files."""
    environment = {**server.environment, "PYTHONPATH": str(SOURCES)}
    directory = files if case.direction == "up" else files.with_name("fetched")
    prefix = f"{contender}-{number}" if case.direction == "up" else "source"
    uri = f"s3://{BUCKET}/{prefix}"
    taken = measure(command_of(contender, case, uri, directory), environment)
    check(server, case, contender, uri, directory)
    if case.direction == "down":
        shutil.rmtree(directory, ignore_errors=True)
    if contender == "cli":
        # It cannot stop before the transfer: to list one object stands for its start, and for idle.
        command = [str(tool("awscli") / "aws"), "s3", "ls", f"s3://{BUCKET}/probe"]
        listing = measure(command, environment)
        idle, moved = listing.peak, taken.wall - listing.wall
    else:
        told = json.loads(taken.output.splitlines()[-1])
        idle, moved = told["idle"], told["transfer"]
    memory = max(taken.peak - idle, 0)
    return Sample(case.name, contender, taken.wall, taken.cpu, memory, moved)


def run_case(case: Case, rounds: int, folder: Path) -> list[Sample]:
    """Let the contenders take turns, so that what else the machine does meets all of them."""
    files, samples = folder / "files", []
    make_files(case, files)
    with Server(folder) as server:
        if case.direction == "down":
            store_files(server, files)
        for number in range(rounds):
            for place in range(len(CONTENDERS)):
                contender = CONTENDERS[(place + number) % len(CONTENDERS)]
                samples.append(run_once(server, case, contender, files, number))
                print(samples[-1], file=sys.stderr, flush=True)
    shutil.rmtree(files)
    return samples


def table(case: Case, samples: list[Sample]) -> str:
    """Return the samples of a case as a table in Markdown."""
    own = {name: [one for one in samples if one.contender == name] for name in CONTENDERS}
    median = statistics.median
    cli = median(one.wall for one in own["cli"])
    lines = [
        f"### {case.title}\n",
        "| | seconds | least to most | without start | times the CLI | CPU seconds | MB |",
        "| :-- | --: | --: | --: | --: | --: | --: |",
    ]
    for name, runs in own.items():
        wall = [one.wall for one in runs]
        cells = [
            TITLES[name],
            f"{median(wall):.1f}",
            f"{min(wall):.1f} to {max(wall):.1f}",
            f"{median(one.transfer for one in runs):.1f}",
            f"{cli / median(wall):.2f}" if name != "server" else "",
            f"{median(one.cpu for one in runs):.1f}",
            f"{max(one.memory for one in runs) / 1e6:.0f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(prog="transfer", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="of each case (3)")
    parser.add_argument(
        "--large", type=int, default=10**9, help="bytes of the one object (1000000000)"
    )
    parser.add_argument("--many", type=int, default=5000, help="number of the small objects (5000)")
    parser.add_argument(
        "--case", action="append", help="one-down, one-up, many-down or many-up; repeatable (all)"
    )
    parser.add_argument("--output", type=Path, help="a file for all samples, as JSON (none)")
    options = parser.parse_args()
    # Who is told to stop stops the server too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sizes = {"many": (options.many, 20_000), "one": (1, options.large)}
    samples: list[Sample] = []
    with tempfile.TemporaryDirectory(prefix="mldock-benchmark-") as folder:
        for kind, (count, size) in sizes.items():
            for direction in ("down", "up"):
                case = Case(f"{kind}-{direction}", direction, count, size)
                if not options.case or case.name in options.case:
                    taken = run_case(case, options.rounds, Path(folder))
                    print(table(case, taken), flush=True)
                    samples += taken
    if options.output:
        options.output.write_text(json.dumps([asdict(one) for one in samples], indent=1) + "\n")


if __name__ == "__main__":
    main()
