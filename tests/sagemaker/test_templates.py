"""PyTorch as it is: two hosts train it by the unmodified SDK, and an endpoint answers."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest

from tests.images import Image
from tests.sagemaker.sdk import Sdk

pytestmark = pytest.mark.docker


# Generic's images are those of test_jobs, sklearn's that of tests/journey. Version 3 names a
# network interface that does not exist, which is of no matter but to PyTorch.
@pytest.mark.parametrize(("image", "sdk"), [("pytorch", "v3")], indirect=True)
def test_two_hosts_train_what_an_endpoint_serves(image: Image, sdk: Sdk) -> None:
    """The model is whole, and every row of the template's own requests is answered."""
    project = image.project.path
    data = sdk.folder / "data" / image.template
    shutil.copytree(project / "data" / "training", data)
    fit = {
        "hosts": 2,
        # Those of the template do not train in seconds.
        "hyperparameters": {"epochs": 1},
        "channels": {"training": (str(data), "text/csv")},
    }
    csv = (project / "payload.csv").read_text("utf-8")
    rows = json.loads((project / "payload.json").read_text("utf-8"))
    requests: list[tuple[str, Any]] = [
        ("text/csv", csv),
        ("application/json", json.dumps(rows)),
        ("application/x-npy", [row["pixels"] for row in rows]),
    ]

    run = sdk.run(image.template, image.name, fits=[fit], requests=requests)

    assert run.results["fits"] == [None], run.log
    assert any(name.startswith("classifier/") for name in run.archive(0, "model.tar.gz").names())
    assert "data/metrics.json" in run.archive(0, "output.tar.gz").names()
    answers = run.results["answers"]
    assert [status for status, _ in answers] == [200, 200, 200]
    answers = [answers[0][1], json.loads(answers[1][1]), answers[2][1]]
    assert len(answers[0].splitlines()) == len(answers[1]) == len(rows)
    assert all(len(answer) == len(rows) for answer in answers[2:])
    assert sdk.exit_codes(run.folder) == [0, 0, 0]
