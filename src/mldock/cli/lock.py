"""Write src/requirements.lock: the exact versions for every Python, system and processor."""

from __future__ import annotations

import json
import shutil
import tempfile
from contextlib import suppress
from importlib.metadata import distribution
from pathlib import Path

from mldock import ContainerError
from mldock.cli import options
from mldock.cli.environment import IMAGE_REQUIREMENTS, LOCK, REQUIREMENTS, ROOT, find_uv, wait_for
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

HEADER = "# Written by nox -s lock: exact versions of all that the two requirements.txt ask for.\n"


def main() -> int:
    """Run uv; `-- --upgrade` takes newer versions than those in the file."""
    parser = options.parser("lock", __doc__, "--upgrade")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    upgrade = ["--upgrade"] if parser.parse_args().upgrade else []
    compile_ = [find_uv(), "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
    # The runtime is a wheel in wheels/, whose file no other machine has under this path.
    plain = ["--no-annotate", "--no-header", "--no-emit-package", "mldock-runtime"]
    if "torch-backend" in (ROOT / "pyproject.toml").read_text(encoding="utf-8"):
        # Versions of that index say for which processor they are, and other systems lack them.
        plain.append("--no-config")
    with tempfile.TemporaryDirectory() as folder:
        # The sessions have all of it in one environment, so that all must go together; the image
        # and so the file has no more than its own requirements need.
        together = Path(folder) / "together.lock"
        shutil.copyfile(ROOT / LOCK, together)
        print("Looking for versions that go together.", flush=True)
        runtime = write_override(Path(folder, "with-commands.txt"), "[cli]")
        asked = [*upgrade, *plain, *REQUIREMENTS, "--overrides", str(runtime)]
        code = wait_for(*compile_, *asked, "--output-file", str(together))
        if code == 0:
            files = [*IMAGE_REQUIREMENTS, "--constraints", str(together), "--output-file", LOCK]
            runtime = write_override(Path(folder, "of-image.txt"))
            code = wait_for(*compile_, *plain, *files, "--overrides", str(runtime))
    if code == 0:
        path = ROOT / LOCK
        path.write_text(HEADER + path.read_text(encoding="utf-8"), encoding="utf-8")
    return code


def unlocked(root: Path = ROOT) -> list[str]:
    """Return the requirements of the image that src/requirements.lock does not satisfy."""
    pins = parse(root / LOCK)
    wanted = [one for name in IMAGE_REQUIREMENTS for one in parse(root / name)]
    # What is for another system or Python may be in no lock.
    wanted = [one for one in wanted if not one.marker or one.marker.evaluate()]
    return [str(one) for one in wanted if not any(satisfies(pin, one) for pin in pins)]


def reason(root: Path = ROOT) -> str:
    """Return what is wrong with src/requirements.lock and its remedy, or an empty string."""
    missing = ", ".join(unlocked(root))
    return f"{LOCK} does not hold {missing}. Write it anew: nox -s lock" if missing else ""


def parse(path: Path) -> list[Requirement]:
    """Return the requirements in a file that name a package."""
    found = []
    if not path.is_file():
        raise ContainerError(f"{path} is missing. Restore it from git.")
    for line in path.read_text(encoding="utf-8").splitlines():
        # Options of pip, and the addresses of files, are no requirements.
        with suppress(InvalidRequirement):
            found.append(Requirement(line.partition(" #")[0]))
    return [one for one in found if one.name != "mldock-runtime"]


def satisfies(pin: Requirement, wanted: Requirement) -> bool:
    """Return whether an exact version is of the wanted package, and one that is wanted."""
    if canonicalize_name(pin.name) != canonicalize_name(wanted.name):
        return False
    exact = [clause.version for clause in pin.specifier if clause.operator == "=="]
    return bool(pin.url) or any(wanted.specifier.contains(v, prereleases=True) for v in exact)


def write_override(path: Path, extras: str = "") -> Path:
    """Write what takes the place of the line of mldock-runtime: what is installed here."""
    installed = distribution("mldock-runtime")
    direct = installed.read_text("direct_url.json")
    source = f" @ {json.loads(direct)['url']}" if direct else f"=={installed.version}"
    path.write_text(f"mldock-runtime{extras}{source}\n", encoding="utf-8")
    return path
