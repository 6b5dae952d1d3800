"""Training, serving and batch transform by the unmodified SDK, on an image of a project."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.images import Image
from tests.sagemaker.sdk import Run, Sdk
from tests.sagemaker.telling import KINDS

pytestmark = pytest.mark.docker

MISTAKE = "the third column is empty"
ALL_KINDS, FAILING, TWO_HOSTS, SOURCE_CODE = range(4)
UNTOLD, SINGLE, MULTI = range(3)

ROWS = [[5.1, 3.5, 1.4, 0.2], [5.0, 2.0, 3.5, 1.0], [6.9, 3.2, 5.7, 2.3]]
LINES = "".join(",".join(map(str, row)) + "\n" for row in ROWS)
SPECIES = ["setosa", "versicolor", "virginica"]

TRANSFORMS: list[dict[str, str | None]] = [
    {"strategy": None, "assemble": None, "accept": "application/jsonlines"},
    {"strategy": "SingleRecord", "assemble": "Line", "accept": "application/json"},
    {"strategy": "MultiRecord", "assemble": "Line", "accept": "text/csv"},
]


@pytest.fixture(scope="module")
def run(sdk: Sdk, telling: Image) -> Run:
    """Return what has come of all jobs; one process does them, since it takes seconds to start."""
    data = str(sdk.folder / "data" / "training")
    channels = {"training": (data, "text/csv"), "nothing": (str(sdk.folder / "empty"), None)}
    tasks: list[tuple[int, dict[str, Any], dict[str, str] | None]] = [
        (1, KINDS, None),
        (1, {"mistake": MISTAKE}, None),
        (2, {}, None),
    ]
    if sdk.version == "v3":
        command = "bash src/container/executor.sh train"
        code = {"source_dir": str(telling.project.path), "command": command}
        tasks.append((1, KINDS, code))
    fits = [
        {"hosts": hosts, "hyperparameters": given, "channels": channels, "source_code": code}
        for hosts, given, code in tasks
    ]
    (sdk.folder / "rows").mkdir()
    (sdk.folder / "rows" / "flowers.csv").write_text(LINES, "utf-8")
    # The code for these is the same in both versions.
    wanted = TRANSFORMS if sdk.version == "v2" else TRANSFORMS[:1]
    transforms = [{"input": str(sdk.folder / "rows"), **transform} for transform in wanted]
    rows: Any = ROWS if sdk.version == "v2" else json.dumps(ROWS)
    requests = [
        ("text/csv", ROWS if sdk.version == "v2" else LINES),
        ("application/json", rows),
        ("application/json", {"petals": 4} if sdk.version == "v2" else '{"petals": 4}'),
    ]
    return sdk.run("jobs", telling.name, fits=fits, requests=requests, transforms=transforms)


def told(run: Run, fit: int, rank: int = 0) -> Any:
    """Return what the trainer of a host has told."""
    return json.loads(run.archive(fit, "output.tar.gz").text(f"data/told-{rank}.json"))


def test_all_kinds_of_hyperparameters_arrive(run: Run) -> None:
    """The SDKs write them differently; the trainer gets what the person gave."""
    assert run.results["fits"][ALL_KINDS] is None, run.log
    given = told(run, ALL_KINDS)["hyperparameters"]
    assert {name: given[name] for name in KINDS} == KINDS


def test_channels_arrive(run: Run) -> None:
    """Each with its content type, and one that is empty."""
    flowers = "/opt/ml/input/data/training/flowers.csv"
    expected = {"training": ["text/csv", [flowers]], "nothing": [None, []]}
    assert told(run, ALL_KINDS)["channels"] == expected


def test_model_and_output_are_archives(run: Run) -> None:
    """The platform packs what the trainer has saved, and no failure of a run that had none."""
    assert "classifier/model.npz" in run.archive(ALL_KINDS, "model.tar.gz").names()
    output = run.archive(ALL_KINDS, "output.tar.gz")
    assert json.loads(output.text("data/metrics.json"))["accuracy"] > 0.8
    assert "failure" not in output.names()


def test_local_mode_differs_from_the_cloud(run: Run, sdk: Sdk) -> None:
    """Version 2 gives a terminal, version 3 an interface that does not exist; both train."""
    expected = (True, "eth0") if sdk.version == "v2" else (False, "ethwe")
    given = told(run, ALL_KINDS)
    assert (given["terminal"], given["interface"]) == expected


def test_failure_reaches_the_person(run: Run) -> None:
    """The SDK raises, and the reason is the first line of what the job leaves."""
    assert run.results["fits"][FAILING].startswith("RuntimeError: Failed to run")
    failure = run.archive(FAILING, "output.tar.gz").text("failure")
    assert failure.splitlines()[0] == f"ValueError: {MISTAKE}"
    assert f"ValueError: {MISTAKE}" in run.log


def test_two_hosts_give_the_whole_model(run: Run) -> None:
    """The SDK ends all hosts when one has ended, here seconds before the first has a model."""
    assert run.results["fits"][TWO_HOSTS] is None, run.log
    assert "classifier/model.npz" in run.archive(TWO_HOSTS, "model.tar.gz").names()
    assert told(run, TWO_HOSTS, rank=1) == told(run, TWO_HOSTS, rank=0)
    metrics = run.archive(TWO_HOSTS, "output.tar.gz").text("data/metrics.json")
    assert json.loads(metrics)["accuracy"] > 0.8


def test_source_code_of_version_3(run: Run, sdk: Sdk) -> None:
    """The project's own code trains, not that of the image; two channels are no data."""
    if sdk.version == "v2":
        pytest.skip("version 2 has no such thing for images of one's own")
    assert run.results["fits"][SOURCE_CODE] is None, run.log
    given = told(run, SOURCE_CODE)
    assert given["code"] == "/opt/ml/input/data/code/src/trainer.py"
    assert given["channels"].keys() == {"training", "nothing", "code", "sm_drivers"}
    assert {name: given["hyperparameters"][name] for name in KINDS} == KINDS


def test_endpoint_answers(run: Run, sdk: Sdk) -> None:
    """As the client sends and asks; a mistake is told, since the SDK takes it for an answer."""
    answers = run.results["answers"]
    if sdk.version == "v3":
        assert [status for status, _ in answers] == [200, 200, 422]
        csv, as_json, wrong = answers[0][1], *(json.loads(text) for _, text in answers[1:])
    else:
        csv, as_json, wrong = answers
    assert [line.split(",")[0] for line in csv.splitlines()] == SPECIES
    assert [answer["species"] for answer in as_json] == SPECIES
    assert wrong["error"].startswith("row 1, sepal_length: Field required")


def test_batch_transform_without_a_strategy(run: Run) -> None:
    """What the image says of itself is no reason for the SDK to fail; one line answers each."""
    assert [json.loads(line)["species"] for line in run.lines(UNTOLD)] == SPECIES


def test_batch_transform_with_a_strategy(run: Run, sdk: Sdk) -> None:
    """One record a request, or several: one line answers each."""
    if sdk.version == "v3":
        pytest.skip("version 3 has the code of version 2")
    # Each answer is a list of one.
    assert [json.loads(line)[0]["species"] for line in run.lines(SINGLE)] == SPECIES
    # The end of line that CSV has of itself and the one that assembles make an empty line.
    lines = [line for line in run.lines(MULTI) if line]
    assert [line.split(",")[0] for line in lines] == SPECIES


def test_containers_end_in_order(run: Run, sdk: Sdk) -> None:
    """With 0, the endpoint's and those of batch transform too; only the job that failed has 1."""
    # All but the failed one of the fits, a second host, the endpoint, the transforms.
    in_order = len(run.results["fits"]) - 1 + 1 + 1 + len(list(run.folder.glob("transform-*")))
    assert sorted(sdk.exit_codes(run.folder)) == [0] * in_order + [1]
