"""`nox -s kpis`: coverage and metrics are kept with the version, and sent to the channel."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.container.s3 import serving
from tests.generate.repository import Repository, own
from tests.project import Project, generate


@dataclass
class Owner:
    """Who works on a project in a repository."""

    project: Project
    repository: Repository

    def kpis(self, *arguments: str, fails: bool = False) -> str:
        """Run the session and return what it prints."""
        result = self.project.nox("kpis", *arguments)
        assert (result.returncode != 0) == fails, result.stdout
        assert "Traceback" not in result.stdout, result.stdout
        return result.stdout

    @property
    def name(self) -> str:
        """The version with the commit that is checked out."""
        return f"0.1.0-{self.repository.git('rev-parse', '--short=12', 'HEAD').strip()}"

    @property
    def kept(self) -> dict[str, Any]:
        """What is kept for it."""
        kpis: dict[str, Any] = json.loads((self.folder / f"{self.name}.json").read_bytes())
        return kpis

    @property
    def folder(self) -> Path:
        """Where the KPIs of all commits lie."""
        return self.project.path / ".mldock" / "kpis"

    def add_channel(self, remote: str) -> None:
        """Declare the channel of the KPIs as the README says, and commit that."""
        add = ["add", "metrics", remote, "--output", "--stage", "prod"]
        result = self.project.nox("data", *add)
        assert result.returncode == 0, result.stdout
        self.repository.commit()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Owner:
    """Return a project in a repository, with a trained model."""
    project = generate(tmp_path_factory.mktemp("kpis") / "iris", template="generic", storage="s3")
    owner = Owner(project, own(project.path))
    result = project.nox("train")
    assert result.returncode == 0, result.stdout
    return owner


@pytest.fixture
def owner(made: Owner) -> Iterator[Owner]:
    """Return the project; what a test changes is as before after it."""
    head = made.repository.git("rev-parse", "HEAD").strip()
    yield made
    made.repository.git("reset", "--quiet", "--hard", head)
    shutil.rmtree(made.folder, ignore_errors=True)


def test_one_file_holds_all(owner: Owner) -> None:
    """Coverage of the person's own files, the last metrics, and the run that they are of."""
    output = owner.kpis()

    kpis, metrics = owner.kept, owner.project.path / ".mldock/output/data/metrics.json"
    assert [path.stem for path in owner.folder.iterdir()] == [owner.name]
    assert f"{kpis['version']}-{kpis['commit']}" == owner.name
    assert set(kpis["coverage"]["files"]) == {"src/prediction.py", "src/trainer.py"}
    assert 50 < kpis["coverage"]["unit"] <= 100
    assert kpis["metrics"] == json.loads(metrics.read_text("utf-8"))
    assert kpis["run"]["hyperparameters"] == {"seed": 0, "test_size": 0.3}
    assert json.dumps(kpis["metrics"], indent=2)[1:-2] in output.replace("\n  ", "\n")
    # What the measuring leaves behind is no change of the project.
    assert owner.repository.git("status", "--porcelain") == ""


def test_nothing_is_kept(owner: Owner) -> None:
    """What is in no commit cannot be kept under one, nor what fails its tests."""
    test = owner.project.path / "tests" / "test_failing.py"
    test.write_text("def test_failing() -> None:\n    assert 1 == 2\n", "utf-8")
    assert "assert 1 == 2" in owner.kpis(fails=True)
    test.unlink()

    path = owner.project.path / "src" / "trainer.py"
    path.write_text(f"{path.read_text('utf-8')}\n", "utf-8")
    assert "Commit your changes: git add, git commit." in owner.kpis(fails=True)
    assert not owner.folder.exists()


def test_without_a_run_there_are_no_metrics(owner: Owner) -> None:
    """Coverage alone is kept, and the person is told what is missing."""
    assert "nox -s train -- --stage dev" in owner.kpis("--stage", "dev")
    assert owner.kept["metrics"] == {}
    assert owner.kept["run"] is None
    assert owner.kept["coverage"]["unit"] > 50


def test_channel_is_asked_for_before_the_tests_run(owner: Owner) -> None:
    """The remedy is the command that adds the channel."""
    output = owner.kpis("--push", "--stage", "prod", fails=True)
    remedy = "nox -s data -- add metrics s3://BUCKET/metrics --output"
    assert output.count(remedy) == 1
    assert "passed" not in output
    # Nor does it send what is not kept yet.
    assert "Leave out --kept" in owner.kpis("--kept", fails=True)


def test_each_commit_has_a_file_of_its_own(owner: Owner, tmp_path: Path) -> None:
    """A later commit of the same version leaves the KPIs of an earlier one as they are."""
    store = tmp_path / "store"
    owner.add_channel(str(store))
    owner.kpis()
    output = owner.kpis("--kept", "--push", "--stage", "prod")
    first = store / f"{owner.name}.json"
    content = first.read_bytes()
    assert str(first) in output
    assert json.loads(content) == owner.kept

    (owner.project.path / "notes.txt").write_text("More.\n", "utf-8")
    owner.repository.commit()
    owner.kpis("--push", "--stage", "prod")

    assert {path.name for path in store.iterdir()} == {first.name, f"{owner.name}.json"}
    assert first.read_bytes() == content
    assert json.loads((store / f"{owner.name}.json").read_text("utf-8")) == owner.kept


def test_metrics_of_a_stage_come_from_its_store(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On S3: the last run of the stage is read from its channel, and the KPIs go to theirs."""
    with serving(monkeypatch) as client:
        owner.add_channel("s3://iris/metrics")
        add = ["add", "data", "s3://iris/output", "--output", "--stage", "prod"]
        assert owner.project.nox("data", *add).returncode == 0
        owner.repository.commit()
        lines: list[dict[str, Any]] = [
            {"stage": "prod", "hyperparameters": {"seed": 7}},
            {"metric": "accuracy", "value": 0.5, "step": None},
            {"metric": "loss", "value": None, "step": None},
            {"outcome": "completed", "seconds": 1.0},
        ]
        body = "\n".join(map(json.dumps, lines)).encode()
        client.put_object(Bucket="iris", Key="output/runs/20260101T000000.0Z.jsonl", Body=body)

        output = owner.kpis("--stage", "prod", "--push")

        key = f"metrics/{owner.name}.json"
        assert f"s3://iris/{key}" in output
        sent = json.loads(client.get_object(Bucket="iris", Key=key)["Body"].read())
        assert sent == owner.kept
        assert sent["metrics"] == {"accuracy": 0.5, "loss": None}
        assert sent["run"]["hyperparameters"] == {"seed": 7}
