"""The server: applied, given another image, undone, deleted."""

from __future__ import annotations

import contextlib
import subprocess
from argparse import Namespace
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
    code = change(server, "set", "image", server.name, f"{server.container['name']}={server.image}")
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
    stage, problems = server.options.stage, dict[str, str]()
    # The Deployment's own deadline ends a rollout without progress before the second.
    for timeout in ("2m", "2h"):
        status = ("rollout", "status", server.name, f"--timeout={timeout}")
        if subprocess.run([*server.kubectl, *status]).returncode == 0:
            print(f"{server.running_image()} serves at the stage {stage}.")
            return 0
        with contextlib.suppress(ContainerError):
            pods = server.get("pods", f"--selector={server.selector}")["items"]
            problems = {line: pod["metadata"]["name"] for pod in pods if (line := explain(pod))}
            print(*problems, sep="\n", flush=True)
    for name in list(problems.values())[-1:]:
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


def explain(pod: dict[str, Any]) -> str:
    """Return in one line why a pod is not ready, and what to do; nothing if it is, or has ended."""
    name, status = pod["metadata"]["name"], pod.get("status", {})
    for condition in status.get("conditions", []):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            reason = f"{name} does not fit on a node: {condition['message']}"
            return f"{reason} Lower its requests, or add a node."
    for container in status.get("containerStatuses", []):
        if container.get("ready") or "deletionTimestamp" in pod["metadata"]:
            continue
        state, last = container["state"], container.get("lastState", {})
        ended, waiting = state.get("terminated") or last.get("terminated"), state.get("waiting")
        if ended and ended.get("reason") == "OOMKilled":
            return f"{name} needs more memory: raise its limit in deploy/kubernetes/base."
        if ended and ended["exitCode"]:
            last_line = ended.get("message", "").strip().rpartition("\n")[2] or "see its log."
            return f"{name} ended with exit code {ended['exitCode']}: {last_line}"
        if waiting:
            remedy = " Push it, or name imagePullSecrets." if "Image" in waiting["reason"] else ""
            return f"{name} waits: {waiting.get('message') or waiting['reason']}.{remedy}"
        if "running" in state:
            return f"{name} runs, but is not ready."
    return ""
