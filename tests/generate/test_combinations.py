"""The files of a project with each set of answers: exactly those that these ask for, and few."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest

from extensions.rendering import ANSWERS, exported, render
from tests.generate.expected import OWN, expected_files
from tests.project import ROOT, TEMPLATES
from tests.shared import SHARED

DEPLOY = ["docker", "kubernetes", "sagemaker", "kubernetes-and-sagemaker"]
STORAGE = ["local", "s3", "gs", "az"]
CI = ["github", "gitlab", "none"]
OF_ONE_TEMPLATE: dict[str, dict[str, list[Any]]] = {
    "pytorch": {"accelerator": ["cpu", "cuda"]},
    "sklearn": {"compile_model": [True, False]},
}

# The most that an owner is given to read, data apart.
FILES, FILES_WITH_KUBERNETES, PYTHON_LINES = 45, 60, 1_000

KUBERNETES = re.compile(r"kubernetes|kubectl|kustomiz|kserve|kubeflow|\bpods?\b", re.IGNORECASE)
SAGEMAKER = re.compile(r"sagemaker", re.IGNORECASE)
# The image honours SageMaker's contract wherever it runs, and these files say so.
CONTRACT = re.compile(r"^(src|tests)/")
CONTRACT_LINES = ("It is that of SageMaker", "SageMaker runs it as root", "SAGEMAKER_MAX_PAYLOAD")

# The answers of a project, and the texts of its files, data apart.
Made = tuple[dict[str, Any], dict[str, str]]


def combinations(template: str) -> list[dict[str, Any]]:
    """Return all sets of answers that bring different files; SageMaker means S3."""
    own = OF_ONE_TEMPLATE.get(template, {})
    names = ["deploy", "storage", "ci", *own]
    sets = itertools.product(DEPLOY, STORAGE, CI, *own.values())
    chosen = [{"template": template, **dict(zip(names, values, strict=True))} for values in sets]
    return [one for one in chosen if "sagemaker" not in one["deploy"] or one["storage"] == "s3"]


def make(template: str, folder: Path) -> None:
    """Make the projects of a template, each of a third of a second."""
    made: list[Made] = []
    with exported(ROOT) as templates:
        for answers in combinations(template):
            files = render(templates, answers).files
            texts = {name: file.text or "" for name, file in files.items() if name[:5] != "data/"}
            made.append((answers, {**texts, ANSWERS: ""}))
    (folder / "made.json").write_text(json.dumps(made), "utf-8")


@pytest.fixture(scope="module", params=TEMPLATES)
def projects(request: pytest.FixtureRequest) -> list[Made]:
    """Return the projects of a template with all sets of answers."""
    folder = SHARED.once(f"combinations-{request.param}", lambda path: make(request.param, path))
    return [(answers, texts) for answers, texts in json.loads((folder / "made.json").read_bytes())]


def test_exact_files(projects: list[Made]) -> None:
    """A project has the files that its answers ask for, and none of no use."""
    # A new template gets an entry in the lists of expected.py.
    assert set(TEMPLATES) == set(OWN)
    for answers, texts in projects:
        expected = {name for name in expected_files(answers) if not name.startswith("data/")}
        missing, unexpected = expected - texts.keys(), texts.keys() - expected
        assert (sorted(missing), sorted(unexpected)) == ([], []), answers


def test_no_word_of_what_was_not_chosen(projects: list[Made]) -> None:
    """Who has no Kubernetes, no SageMaker or no compiled model reads no line about it."""
    for answers, texts in projects:
        lines = [(name, line) for name, text in texts.items() for line in text.splitlines()]
        kubernetes = [one for one in lines if KUBERNETES.search(one[1])]
        assert bool(kubernetes) == ("kubernetes" in answers["deploy"]), (answers, kubernetes)
        sagemaker = [
            (name, line)
            for name, line in lines
            if SAGEMAKER.search(line)
            and not CONTRACT.match(name)
            and not any(words in line for words in CONTRACT_LINES)
        ]
        assert bool(sagemaker) == ("sagemaker" in answers["deploy"]), (answers, sagemaker)
        onnx = [one for one in lines if "onnx" in one[1].lower()]
        assert bool(onnx) == answers.get("compile_model", False), (answers, onnx)


def test_few_files(projects: list[Made]) -> None:
    """A person can open each of them."""
    most = {"docker": FILES, "sagemaker": FILES}
    too_many = {
        json.dumps(answers): len(texts)
        for answers, texts in projects
        if len(texts) > most.get(answers["deploy"], FILES_WITH_KUBERNETES)
    }

    assert too_many == {}


def test_little_python(projects: list[Made]) -> None:
    """A person can read all of it, tests included."""
    counts = {
        json.dumps(answers): sum(
            text.count("\n") for name, text in texts.items() if name.endswith(".py")
        )
        for answers, texts in projects
    }

    assert {answers: lines for answers, lines in counts.items() if lines > PYTHON_LINES} == {}
