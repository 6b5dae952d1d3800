"""Build the image that trains and serves."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

from mldock import ContainerError
from mldock.cli import lock, options
from mldock.cli.environment import ROOT
from mldock.cli.labels import commit_time, image_labels
from mldock.cli.proxies import check_ca, proxies
from mldock.cli.workspace import image_of, staged_project
from mldock.project import Project

# What a job and a server start with; a project may be without one of them. The trainer's libraries
# would take seconds, as the image has no bytecode of them; its Dockerfile has imported them.
MODULES = ("container.training.train", "prediction", "container.prediction.serve")
START = 'find /app -type f -exec head -c0 {} + >/dev/null && exec python -m mldock.imports "$@"'

# The least that a platform gives: the uid is that of the manifests for Kubernetes.
STRICT = ["--user=10001:10001", "--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--network=none"]
STRICT += ["--security-opt=no-new-privileges"]


def main() -> int:
    """Run `docker build`, start the image, and return the exit code.

    Options that are not declared here are passed to `docker build`.
    """
    parser = options.parser(
        "build",
        f"{__doc__} Other options are those of docker build.",
        "--stage prod",
        "--no-cache --progress plain",
        "--ca company-ca.pem",
    )
    options.add_image_options(parser)
    parser.add_argument(
        "--ca",
        type=Path,
        metavar="FILE",
        help="trust the certificate authorities in FILE too while building (the system's alone)",
    )
    parser.add_argument(
        "--attestations",
        action="store_true",
        help="add a bill of materials and the provenance, where the engine can keep them",
    )
    parser.add_argument(
        "--no-lock", action="store_true", help="build although src/requirements.lock is out of date"
    )
    arguments, docker_options = parser.parse_known_args()
    project = staged_project(arguments)
    if not arguments.no_lock and (fault := lock.reason()):
        raise ContainerError(f"{fault}; or build without: nox -s build -- --no-lock")
    image = image_of(project, arguments)
    lent = ca_options(arguments.ca)
    require_buildkit()
    build = ["docker", "build", "--file", "src/container/Dockerfile", "--tag", image]
    words = " ".join(docker_options).lower().replace("=", " ").split()
    passed = proxies(words, host_network="--network host" in " ".join(words))
    variables = {"DOCKER_BUILDKIT": "1", "BUILDX_NO_DEFAULT_ATTESTATIONS": "1", **passed}
    # By name alone: a proxy's password is in no command line.
    build += [*lent, *(f"--build-arg={name}" for name in passed)]
    build += [*origin(project), *form(arguments.attestations, docker_options), *docker_options]
    code = subprocess.run([*build, "."], cwd=ROOT, env={**os.environ, **variables}).returncode
    if code == 0:
        check_start(image)
        tag = image.rpartition(":")[2]
        chosen = "" if tag == "latest" else f" --tag {tag}"
        print(f"Built {image}. Train in it: nox -s train -- --docker{chosen}")
    return code


def ca_options(path: Path | None) -> list[str]:
    """Return the options that lend a file of certificate authorities to the steps that download."""
    if path is None:
        return []
    path = path.expanduser().absolute()
    check_ca(path)
    source = f"src={path}"
    # In quotes, which not every builder knows, a comma does not end the path.
    return ["--secret=id=ca," + (f'"{source}"' if "," in source else source)]


def origin(project: Project) -> list[str]:
    """Return the options that tell of the commit; its time takes the place of that of the build."""
    found = [f"--label={name}={value}" for name, value in image_labels(project).items()]
    # A project in no repository has none.
    with contextlib.suppress(ContainerError):
        epoch = os.environ.get("SOURCE_DATE_EPOCH") or str(int(commit_time().timestamp()))
        found.append(f"--build-arg=SOURCE_DATE_EPOCH={epoch}")
    return found


def form(attestations: bool, docker_options: list[str]) -> list[str]:
    """Return the options for the form of the image, which follows from where the engine keeps it.

    containerd's store keeps attestations, but then in a form that SageMaker refuses; so that
    without them the image gets Docker's own.
    """
    store = ["docker", "info", "--format", "{{json .DriverStatus}}"]
    answer = subprocess.run(store, capture_output=True, text=True).stdout
    if "io.containerd.snapshotter" not in answer:
        if attestations:
            print(
                "This engine keeps no bill of materials and no provenance, and the image gets "
                "none: turn on containerd's image store in the engine."
            )
        return []
    if attestations:
        return ["--sbom=true", "--provenance=mode=min"]
    own = ("-o", "--output", "--push", "--load", "--attest", "--sbom", "--provenance")
    if any(option.startswith(own) for option in docker_options):
        return []
    return ["--output=type=docker"]


def check_start(image: str) -> None:
    """Start the image with the fewest rights that a platform gives; raise an error if it fails.

    It is not started if it is not in this engine, or has an entry point of its owner.
    """
    inspect = ["docker", "image", "inspect", "--format", "{{json .Config.Entrypoint}}", image]
    if "executor.sh" not in subprocess.run(inspect, capture_output=True, text=True).stdout:
        return
    files = {name: ROOT / "src" / f"{name.replace('.', '/')}.py" for name in MODULES}
    command = ["sh", "-c", START, "sh", *(name for name in files if files[name].exists())]
    result = subprocess.run(
        ["docker", "run", "--rm", *STRICT, image, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    # That of another processor is for another machine.
    if result.returncode and "exec format error" not in result.stdout:
        raise ContainerError(
            f"{image} was built and does not start as uid 10001, read-only and without "
            f"capabilities:\n{result.stdout.strip()}\nCorrect that. What src/container/Dockerfile "
            "adds must be for every user to read."
        )


def require_buildkit() -> None:
    """Raise an error where the Dockerfile's mounts are not understood."""
    if not shutil.which("docker"):
        raise ContainerError("There is no docker command. Install Docker Engine, with buildx.")
    version = ["docker", "version", "--format", "{{.Server.Version}}"]
    if subprocess.run(version, capture_output=True).returncode:
        raise ContainerError("No Docker engine answers. Start Docker.")
    if subprocess.run(["docker", "buildx", "version"], capture_output=True).returncode:
        raise ContainerError(
            "This docker command has no BuildKit. Install its plugin: docker-buildx-plugin, or "
            "docker-buildx in Debian."
        )
