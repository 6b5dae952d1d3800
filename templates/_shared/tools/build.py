"""Build the image that trains and serves."""

from __future__ import annotations

import os
import shutil
import subprocess

from container.lifecycle import ContainerError
from tools import options
from tools.environment import ROOT
from tools.workspace import command, image_of, staged_project


def main() -> int:
    """Run `docker build` and return its exit code; what it is not told here goes through."""
    parser = options.parser("build", f"{__doc__} Other options are those of docker build.")
    options.add_image_options(parser)
    arguments, docker_options = parser.parse_known_args()
    image = image_of(staged_project(arguments), arguments)
    require_buildkit()
    dockerfile = "src/container/Dockerfile"
    build = ["docker", "build", "--file", dockerfile, "--tag", image, *docker_options, "."]
    code = subprocess.run(build, cwd=ROOT, env={**os.environ, "DOCKER_BUILDKIT": "1"}).returncode
    if code == 0:
        print(f"Built {image}. Train in it: nox -s train -- --docker")
    return code


def require_buildkit() -> None:
    """Refuse to go on where the Dockerfile's mounts are not understood."""
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


if __name__ == "__main__":
    command(main)
