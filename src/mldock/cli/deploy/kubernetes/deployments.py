"""The server: applied, given another image, undone, deleted."""

from __future__ import annotations

import subprocess
from argparse import Namespace
from functools import cache
from typing import Any

from mldock import ContainerError
from mldock.cli.deploy.kubernetes.overlay import Overlay

# Without claims: disks hold data and models.
KINDS = "deployment,job,cronjob,service,ingress,hpa,pdb,netpol,serviceaccount,configmap"


def serve(options: Namespace) -> int:
    """Apply the server and wait until it answers."""
    server = Overlay("serve", options)
    replaced = server.running_image() or "nothing"
    return wait_for_rollout(server) if server.apply("Serve", f"replaces {replaced}") else 0


def rollout(options: Namespace) -> int:
    """Give the running server the image of this commit, and change nothing else."""
    server = Overlay("serve", options)
    image = f"{server.container['name']}={server.image}"
    code = change(server, "set", "image", server.name, image)
    if code and options.undo_on_failure:
        print(server.run("rollout", "undo", server.name), end="", flush=True)
        wait_for_rollout(server)
    return code


def undo(options: Namespace) -> int:
    """Return to the previous revision of the server: its image and its values."""
    server = Overlay("serve", options)
    return change(server, "rollout", "undo", server.name)


def change(server: Overlay, *command: str) -> int:
    """Change the running server by a command of kubectl, and wait until it answers."""
    replaced, stage = server.running_image(), server.options.stage
    if not (replaced or server.options.dry_run):
        serve = f"nox -s deploy -- kubernetes serve --stage {stage}"
        raise ContainerError(f"There is no {server.name} to change. Create it: {serve}")
    # Of an undo, kubectl describes the pods of the revision that it would return to.
    image = server.image or server.run(*command, "--dry-run=client").partition("Image:")[2] or "?"
    changed = server.change(f"Serve {image.split()[0]}:", [f"replaces {replaced}"], *command)
    return wait_for_rollout(server) if changed else 0


def wait_for_rollout(server: Overlay) -> int:
    """Wait until the new pods answer; print why if they do not, soon and again at the end."""
    stage, newest_last = server.options.stage, "--sort-by=.metadata.creationTimestamp"
    # The Deployment's own deadline ends a rollout without progress before the last of these.
    for timeout in ("1m", "5m", "2h"):
        status = ("rollout", "status", server.name, f"--timeout={timeout}")
        if subprocess.run([*server.kubectl, *status]).returncode == 0:
            print(f"{server.running_image()} serves at the stage {stage}.")
            return 0
        pods = server.get("pods", f"--selector={server.selector}", newest_last)["items"]
        for pod in pods:
            explain(pod)
    for name in [pod["metadata"]["name"] for pod in pods[-1:]]:
        subprocess.run([*server.kubectl, "events", f"--for=pod/{name}", "--types=Warning"])
        subprocess.run([*server.kubectl, "logs", name, "--tail=20"])
    print(f"The new pods do not answer. Go back: nox -s deploy -- kubernetes undo --stage {stage}")
    return 1


def delete(options: Namespace) -> int:
    """Delete the server, the training runs or both; disks stay."""
    overlay = Overlay(options.kind or "serve", options)
    selector = overlay.selector if options.kind else overlay.selector.partition(",")[0]
    what = (KINDS, f"--selector={selector}")
    found = overlay.run("get", *what, "--output=name").split()
    overlay.change("Delete:", found or ["nothing"], "delete", *what)
    return 0


@cache
def print_once(line: str) -> None:
    """Print a line that has not been printed before."""
    print(line, flush=True)


def explain(pod: dict[str, Any]) -> None:
    """Print in one line what keeps a pod from running, and what to do; once for each problem."""
    name, status = pod["metadata"]["name"], pod.get("status", {})
    for container in status.get("containerStatuses", []):
        state, last = container["state"], container.get("lastState", {})
        ended = state.get("terminated") or last.get("terminated") or {}
        reason = state.get("waiting", {}).get("reason", "ContainerCreating")
        message = state.get("waiting", {}).get("message", reason).rstrip(".")
        if container.get("ready") or "deletionTimestamp" in pod["metadata"]:
            continue
        if ended.get("reason") == "OOMKilled":
            print_once(f"{name} needs more memory: raise its limit in deploy/kubernetes/base.")
        elif ended.get("exitCode"):
            last_line = ended.get("message", "").strip().rpartition("\n")[2] or "see its log."
            print_once(f"{name} ended with exit code {ended['exitCode']}: {last_line}")
        elif reason not in ("ContainerCreating", "PodInitializing"):
            remedy = "Push it, or name imagePullSecrets" if "Image" in reason else "Correct it"
            print_once(f"{name} cannot start: {message}. {remedy}.")
    for condition in status.get("conditions", []):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            reason = f"{name} does not fit on a node: {condition['message']}"
            print_once(f"{reason} Lower its requests, or add a node.")
