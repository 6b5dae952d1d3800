"""The overlay of a stage: its objects, its image, and kubectl for its cluster."""

from __future__ import annotations

import math
import re
import shlex
import shutil
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Iterable
from typing import Any

import yaml
from mldock import ContainerError, Environment
from mldock.cli.deploy import plan
from mldock.cli.environment import ROOT
from mldock.cli.registry.names import assumed_image, remote_image
from mldock.cli.workspace import run_variables, staged_project
from mldock.logs import SECRET_NAME, SECRET_PART
from mldock.project import DeclaredChannel
from mldock.serving.settings import read_settings

# Quotes around what kubectl could read as a number, such as 1e-3.
yaml.SafeDumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style=None if text[:3].isalpha() and text[2:] else '"'
    ),
)


class Overlay:
    """The objects of the server or of the training of a stage, and kubectl for its cluster."""

    def __init__(self, component: str, options: Namespace) -> None:
        self.component, self.options, self.project = component, options, staged_project(options)
        folder = f"deploy/kubernetes/overlays/{options.stage}/{component}"
        if not (ROOT / folder).is_dir():
            add = "pipx run copier update --data deploy=kubernetes"
            raise ContainerError(f"There is no {folder}. Copy that of another stage, or: {add}")
        self.check_settings()
        self.objects = list(yaml.safe_load_all(self.run("kustomize", folder)))
        workloads = [one for one in self.objects if one["kind"] in ("Deployment", "Job", "CronJob")]
        if not workloads:
            apply = f"kubectl apply --server-side -k {folder}"
            raise ContainerError(f"{folder} has no Deployment, Job or CronJob. Apply it: {apply}")
        self.workload, self.metadata = workloads[0], workloads[0]["metadata"]
        self.name = f"{self.workload['kind'].lower()}/{self.metadata['name']}"
        names, labels = ("name", "component"), self.metadata.get("labels", {})
        self.selector = ",".join(
            f"app.kubernetes.io/{name}={labels.get(f'app.kubernetes.io/{name}')}" for name in names
        )
        self.spec = self.workload["spec"].get("jobTemplate", self.workload)["spec"]
        containers = self.spec["template"]["spec"]["containers"]
        named = {container["name"]: container for container in containers}
        self.container = named.get(component, containers[0])

    def check_settings(self) -> None:
        """Set the image and the cluster, or raise what mldock.json lacks, all of it at once."""
        context, namespace = self.project.kubernetes.context, self.project.kubernetes.namespace
        missing: dict[str, Any] = {}
        self.image, assumed = "", list[str]()
        if "tag" in self.options:
            self.image, assumed = assumed_image(self.project, self.options.tag)
            # With a tag, only the registry can be assumed.
            if assumed_image(self.project, "any")[1]:
                missing["registry"] = "registry.example.com/team"
        if not context:
            missing["kubernetes"] = {"context": "CONTEXT", "namespace": "NAMESPACE"}
            assumed.append("mldock.json names no kubernetes.context: CONTEXT is assumed.")
        if self.options.dry_run:
            if not namespace:
                assumed.append("mldock.json names no kubernetes.namespace: it is the context's.")
            print(*(f"# {line}\n" for line in assumed), sep="", end="", file=sys.stderr)
        elif missing:
            raise plan.incomplete("Kubernetes", self.options.stage, missing)
        elif self.image:
            self.image = remote_image(self.project, self.options.tag)
        # Always a context, so that no other cluster is touched.
        self.kubectl = ["kubectl", f"--context={context or 'CONTEXT'}"]
        self.kubectl += [f"--namespace={namespace}"] if namespace else []

    def run(self, *arguments: str, text: str | None = None) -> str:
        """Run kubectl and return its output; in a dry run nothing, since it asks no cluster."""
        if not shutil.which("kubectl"):
            tools = "https://kubernetes.io/docs/tasks/tools"
            raise ContainerError(f"There is no kubectl. Install version 1.28 or newer: {tools}.")
        if self.options.dry_run and arguments[0] != "kustomize":
            return ""
        # A cluster that cannot be reached is reported soon.
        command = [*self.kubectl, *arguments, "--request-timeout=60s"]
        result = subprocess.run(command, input=text, capture_output=True, text=True, cwd=ROOT)
        if result.returncode:
            # `delete` says the same of each kind.
            lines = dict.fromkeys(result.stderr.strip().splitlines())
            raise ContainerError("\n".join([f"kubectl {arguments[0]} failed.", *lines]))
        return result.stdout

    def get(self, *arguments: str) -> Any:
        """Return an object, or a list of objects."""
        return yaml.safe_load(self.run("get", *arguments, "--output=json"))

    def change(self, title: str, steps: Iterable[str], *command: str, text: str = "") -> bool:
        """Run a command if the user agrees; a dry run prints it, or what it would apply."""
        if self.options.dry_run:
            print(text or shlex.join([*self.kubectl, *command]))
            return False
        plan.confirm(title, [f"by {shlex.join(self.kubectl)}", *steps], self.options)
        print(self.run(*command, text=text), end="", flush=True)
        return True

    def apply(self, title: str, *steps: str) -> bool:
        """Apply the objects with the values of this run."""
        self.set_values()
        objects = ", ".join(f"{one['kind']}/{one['metadata']['name']}" for one in self.objects)
        # Fields that others have set are overwritten.
        how = ("--server-side", "--force-conflicts", "--field-manager=mldock", "--filename=-")
        text = yaml.safe_dump_all(self.objects, sort_keys=False)
        return self.change(f"{title} {self.image}:", [*steps, objects], "apply", *how, text=text)

    def running_image(self) -> str:
        """Return the image in the cluster, or nothing if there is no such workload."""
        image = f"{{.spec.template.spec.containers[?(@.name=='{self.container['name']}')].image}}"
        return self.run("get", self.name, "--ignore-not-found", f"--output=jsonpath={image}")

    def set_values(self) -> None:
        """Set the image, the variables, the hosts and the time to stop."""
        variables, hosts = self.variables(), self.project.hosts
        pod, grace = self.spec["template"]["spec"], "terminationGracePeriodSeconds"
        env = {variable["name"]: variable for variable in self.container.get("env", [])}
        for name, value in variables.items():
            # MAX_TOKENS and TOKENIZER are not tokens.
            if SECRET_NAME.search(re.sub("TOKEN[A-Z]+", "", name)) or SECRET_PART.search(value):
                raise ContainerError(
                    f"{name} looks like a credential. Put it into a Secret (kubectl create secret "
                    "generic NAME --from-env-file=.env), and name that in envFrom of "
                    f"deploy/kubernetes/base/{self.component}: `- secretRef: {{name: NAME}}`."
                )
            # "$(NAME)" would be the value of another variable.
            env[name] = {"name": name, "value": value.replace("$", "$$")}
        # With preStop, and what the processes take to end: base/serve/serve.yaml.
        if self.component == "serve":
            settings = read_settings({"MLDOCK_SERVER_DRAIN": "10"} | variables)
            seconds = 20 + settings.drain + settings.max_wait + settings.timeout
        else:
            seconds = 10 + math.ceil(Environment(variables=variables).stop_grace)
        pod[grace] = max(pod.get(grace, 30), seconds)
        if self.component == "train" and hosts > 1:
            names = ",".join(f"$(JOB_NAME)-{n}.{pod.get('subdomain')}" for n in range(hosts))
            env["MLDOCK_HOSTS"] = {"name": "MLDOCK_HOSTS", "value": names}
            # A host that dies ends the others, and each of them counts.
            self.spec |= {"completions": hosts, "parallelism": hosts, "backoffLimit": 3 * hosts}
        self.container |= {"image": self.image, "env": list(env.values())}
        if self.workload["kind"] == "Job":
            # A Job cannot be changed, and runs may overlap.
            self.name += time.strftime("-%Y%m%d-%H%M%S", time.gmtime())
            self.metadata["name"] = self.name.removeprefix("job/")

    def variables(self) -> dict[str, str]:
        """Return the variables of the container, of which a server needs no data."""
        project = self.project
        if self.component == "serve":
            # What training stores is what a server fetches, unless there is an input of that name.
            stored = [DeclaredChannel(name=one.name, remote=one.remote) for one in project.model]
            inputs = [one for one in project.model if one.direction == "input"]
            model = list({one.name: one for one in [*stored, *inputs]}.values())
            update = {"data": [], "checkpoints": None, "model": model}
            project = project.model_copy(update=update)
        return run_variables(project, self.options)
