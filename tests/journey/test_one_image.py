"""One image, built once: here, from a registry, on SageMaker, on Kubernetes, on several hosts.

The tests follow each other, as the steps of a person do.
"""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Iterator

import pytest

from tests.client import ask, free_port, wait_until_ready
from tests.deploy_kubernetes.projects import Deployed, find, pod_of
from tests.deploy_kubernetes.test_manifests import WORKLOADS
from tests.engine import engine
from tests.journey.conftest import Journey, forget
from tests.sagemaker.environments import REQUIREMENTS, install, variables
from tests.sagemaker.sdk import Sdk

pytestmark = pytest.mark.docker


@pytest.fixture(autouse=True)
def it_stays_the_one_image(journey: Journey) -> Iterator[None]:
    """Whatever a step does, it is done by the image that was built at the start."""
    yield
    assert journey.image_id() == journey.id


def metrics(journey: Journey) -> dict[str, float]:
    """Return what the last training has measured."""
    path = journey.project.path / ".mldock" / "output" / "data" / "metrics.json"
    found: dict[str, float] = json.loads(path.read_text("utf-8"))
    return found


def test_trains_and_serves_here(journey: Journey) -> None:
    """It trains a good model, and answers with it."""
    journey.run("train", "--docker")
    assert metrics(journey)["accuracy"] > 0.9
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = journey.project.start("serve", "--docker", "--port", str(port))
    try:
        wait_until_ready(url, lambda: f"the server has not come up: {process.poll()}")
        payload = (journey.project.path / "payload.json").read_bytes()
        status, answer = ask(url, "/invocations", payload, Content_Type="application/json")
    finally:
        journey.run("stop")
        process.wait(timeout=300)

    assert status == 200
    assert {one["diagnosis"] for one in json.loads(answer)} <= {"benign", "malignant"}


def test_registry(journey: Journey) -> None:
    """Pushed, forgotten here and pulled, it is the same image."""
    journey.run("push")
    tag = journey.shop.unique_tag()
    repository = f"team/{journey.shop.name}"
    assert set(journey.registry.tags(repository)) == {tag, "latest"}
    forget(f"{journey.registry.host}/{repository}")
    # Another image has its name meanwhile.
    engine().images.get("python:3.13-slim-trixie").tag(journey.image.name)
    assert journey.image_id() != journey.id

    journey.run("pull")


def test_three_hosts(journey: Journey) -> None:
    """Three containers train the model of one."""
    alone = metrics(journey)

    output = journey.run("train", "--docker", "--hosts", "3")

    assert "algo-3 | " in output
    assert metrics(journey) == alone
    client = engine()
    label = {"label": f"mldock.project={journey.project.path}"}
    assert client.containers.list(all=True, filters=label) == []
    assert client.networks.list(filters=label) == []


@pytest.mark.parametrize("version", REQUIREMENTS)
def test_sagemaker(
    journey: Journey, tmp_path_factory: pytest.TempPathFactory, version: str
) -> None:
    """SageMaker's own SDK trains it on two hosts, asks its endpoint, and transforms a file."""
    folder = tmp_path_factory.mktemp("sdk")
    data = folder / "training"
    shutil.copytree(journey.project.path / "data" / "training", data)
    questions = json.loads((journey.project.path / "payload.json").read_text("utf-8"))
    rows = folder / "rows"
    rows.mkdir()
    csv = (journey.project.path / "payload.csv").read_text("utf-8").splitlines()
    (rows / "rows.csv").write_text("\n".join(csv[1:]) + "\n", "utf-8")
    sdk = Sdk(version, install(version), folder, variables(tmp_path_factory.mktemp("variables")))
    fit = {"hosts": 2, "hyperparameters": {}, "channels": {"training": (str(data), "text/csv")}}
    transform = {
        "input": str(rows),
        "strategy": "MultiRecord",
        "assemble": None,
        "accept": "application/jsonlines",
    }
    try:
        run = sdk.run(
            "run",
            journey.image.name,
            fits=[fit],
            requests=[
                ("text/csv", "\n".join(csv) + "\n"),
                ("application/json", questions if version == "v2" else json.dumps(questions)),
            ],
            transforms=[transform],
        )

        assert run.results["fits"] == [None], run.log
        names = run.archive(0, "model.tar.gz").names()
        assert any(name.startswith("classifier/") for name in names)
        assert "data/metrics.json" in run.archive(0, "output.tar.gz").names()
        for answer in run.results["answers"]:
            assert "malignant" in str(answer), run.results
        assert set(sdk.exit_codes(run.folder)) == {0}
        assert len([line for line in run.lines(0) if line]) == len(csv) - 1
    finally:
        sdk.clean(journey.image.name)


def test_manifests(journey: Journey) -> None:
    """The manifests of all stages run it by the name that it was pushed with."""
    project = Deployed(journey.project.path, "sklearn", "local")
    name = f"{journey.registry.host}/team/{journey.shop.name}:{journey.shop.unique_tag()}"
    for stage, (kind, workload) in itertools.product(("dev", "test", "prod"), WORKLOADS.items()):
        objects = project.render(kind, "--stage", stage)
        (container,) = pod_of(find(objects, workload))["spec"]["containers"]
        assert container["image"] == name
        assert container["args"] == [kind]


def test_nothing_of_it_is_secret(journey: Journey) -> None:
    """What it tells of itself is where it comes from: version and commit, and no password."""
    config = engine().images.get(journey.id).attrs["Config"]

    assert config["Labels"]["org.opencontainers.image.version"] == "0.1.0"
    assert config["Labels"]["org.opencontainers.image.revision"].startswith(
        journey.shop.unique_tag().partition("-")[2]
    )
    assert journey.registry.password not in json.dumps(config)
