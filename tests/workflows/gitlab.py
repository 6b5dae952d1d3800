"""A runner of GitLab CI: it runs the scripts of a pipeline's jobs in the image that they name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker.models.containers import Container
from docker.types import Mount

from tests.engine import engine
from tests.registry.server import LABEL, USER, Registry
from tests.workflows.github import engine_without_cache
from tests.workflows.jobs import gitlab_lines, gitlab_variables

SOCKET = "/var/run/docker.sock"


@dataclass
class Runner:
    """A container in which the jobs of a pipeline run one after the other.

    Attributes:
        pipeline: The file of the project.
        container: What the jobs run in.
        workspace: Where the project is checked out, here as there.
        variables: What GitLab tells each job.

    """

    pipeline: dict[str, Any]
    container: Container
    workspace: Path
    variables: dict[str, str]

    def run(self, job: str, key: str = "script") -> str:
        """Run a script of a job, which succeeds, and return what it prints."""
        lines = gitlab_lines(self.pipeline, job, key)
        code, output = self.container.exec_run(
            ["bash", "-eo", "pipefail", "-c", "\n".join(lines)],
            workdir=str(self.workspace),
            environment={**self.of_job(job), **self.variables},
        )
        text: str = output.decode(errors="replace")
        assert code == 0, f"{job}: {lines}\n{text[-6000:]}"
        return text

    def of_job(self, job: str) -> dict[str, str]:
        """Return the variables of a job; those that name others have their values."""
        project = str(self.workspace)
        return {
            name: value.replace("$CI_PROJECT_DIR", project)
            for name, value in gitlab_variables(self.pipeline, job).items()
        }


@contextmanager
def running(
    pipeline: dict[str, Any], workspace: Path, commit: str, registry: Registry, **variables: str
) -> Iterator[Runner]:
    """Yield a runner whose jobs share this machine's engine, where theirs would have its own."""
    folder = workspace.parent / "bin"
    # Before Debian's own, which a job installs.
    wrapper = engine_without_cache(folder, "/usr/bin/docker")
    container = engine().containers.run(
        pipeline["default"]["image"],
        ["sleep", "infinity"],
        detach=True,
        init=True,
        network_mode="host",
        labels=dict([LABEL.split("=")]),
        mounts=[
            Mount(SOCKET, SOCKET, type="bind"),
            Mount(str(workspace), str(workspace), type="bind"),
            Mount("/usr/local/bin/docker", str(wrapper), type="bind", read_only=True),
        ],
    )
    told = {
        "CI": "true",
        "CI_PROJECT_DIR": str(workspace),
        "CI_COMMIT_BRANCH": "main",
        "CI_DEFAULT_BRANCH": "main",
        "CI_COMMIT_SHA": commit,
        "CI_REGISTRY": registry.host,
        "CI_REGISTRY_IMAGE": f"{registry.host}/group/project",
        "CI_REGISTRY_USER": USER,
        "CI_REGISTRY_PASSWORD": registry.password,
        "DOCKER_HOST": f"unix://{SOCKET}",
        # GitLab's runner says so too: the folder is not root's, as whom the jobs run.
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": str(workspace),
        **variables,
    }
    try:
        yield Runner(pipeline, container, workspace, told)
    finally:
        # What root has written there shall be ours to remove.
        container.exec_run(["chmod", "--recursive", "a+rwX", str(workspace)])
        container.remove(force=True)
