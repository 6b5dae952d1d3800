"""The server: applied, given another image, taken back; each waits until it answers."""

from __future__ import annotations

from argparse import Namespace

from mldock import ContainerError
from mldock.cli.deploy.kubernetes.cluster import Cluster
from mldock.cli.deploy.kubernetes.overlay import Workload, read_workload, stage_of
from mldock.cli.deploy.kubernetes.rendering import render
from mldock.cli.deploy.kubernetes.waiting import wait_for_rollout
from mldock.cli.registry.names import remote_image
from mldock.cli.workspace import staged_project


def serve(options: Namespace) -> int:
    """Apply the server and wait for it."""
    stage = stage_of(options.stage)
    cluster = Cluster(staged_project(options), stage)
    rendering = render("serve", options)
    cluster.apply(rendering.text)
    if not wait_for_rollout(cluster, rendering.workload):
        print(
            f"{rendering.image} does not serve. The pods before it, if there were any, still do: "
            f"nox -s deploy -- kubernetes undo --stage {stage}"
        )
        return 1
    print(f"{rendering.image} serves at the stage {stage}. {how_to_ask(cluster, rendering.name)}")
    return 0


def rollout(options: Namespace) -> int:
    """Give the running server another image, change nothing else, and wait for it."""
    stage = stage_of(options.stage)
    project = staged_project(options)
    cluster = Cluster(project, stage)
    workload = deployment(stage)
    image = remote_image(project, options.tag)
    container = workload.pod["containers"][workload.container]["name"]
    ask(cluster, stage, "set", "image", f"deployment/{workload.name}", f"{container}={image}")
    if wait_for_rollout(cluster, workload):
        print(f"{image} serves at the stage {stage}.")
        return 0
    if not options.undo_on_failure:
        print(
            f"{image} does not serve; the pods before it still do. "
            f"Go back: nox -s deploy -- kubernetes undo --stage {stage}"
        )
        return 1
    print(f"{image} does not serve: going back.")
    go_back(cluster, stage, workload)
    return 1


def undo(options: Namespace) -> int:
    """Go back to the revision before: its image, and its values."""
    stage = stage_of(options.stage)
    cluster = Cluster(staged_project(options), stage)
    return go_back(cluster, stage, deployment(stage))


def go_back(cluster: Cluster, stage: str, workload: Workload) -> int:
    """Take the last change of the server back, and wait for it."""
    ask(cluster, stage, "rollout", "undo", f"deployment/{workload.name}")
    if not wait_for_rollout(cluster, workload):
        return 1
    pod = cluster.get(f"deployment/{workload.name}")["spec"]["template"]["spec"]
    images = {container["name"]: container["image"] for container in pod["containers"]}
    print(f"{images.get('serve')} serves at the stage {stage} again.")
    return 0


def deployment(stage: str) -> Workload:
    """Return the Deployment of the stage."""
    return read_workload("serve", stage)


def ask(cluster: Cluster, stage: str, *command: str) -> None:
    """Change the Deployment; what is not there yet cannot be changed."""
    try:
        print(cluster.run(*command), end="")
    except ContainerError as error:
        if "NotFound" not in str(error):
            raise
        serve = f"nox -s deploy -- kubernetes serve --stage {stage}"
        raise ContainerError(
            f"There is no server at the stage {stage}. Make one: {serve}"
        ) from error


def how_to_ask(cluster: Cluster, name: str) -> str:
    """Return how the model is asked from this machine."""
    forward = " ".join(cluster.command("port-forward", f"service/{name}", "8080:80"))
    return f"Ask it:\n  {forward}\n  nox -s predict -- payload.json"
