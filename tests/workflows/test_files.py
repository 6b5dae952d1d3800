"""What linters and schemas say of the files, and what no linter knows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project import Project, generate
from tests.workflows.jobs import Event, gitlab_lines, pipeline, workflow

BIN = Path(sys.executable).parent

EMPTY = Event("refs/heads/main", "branch", "push", {})


def run(*command: str | Path, content: str | None = None) -> str:
    """Run a linter, which finds nothing."""
    result = subprocess.run(
        list(map(str, command)),
        input=content,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=360,
    )
    assert result.returncode == 0, result.stdout
    return result.stdout


def files(project: Project) -> list[Path]:
    """Return the files of continuous integration."""
    found = [*project.path.glob(".github/workflows/*.yml"), *project.path.glob(".gitlab-ci.yml")]
    return sorted(found)


def workflows(project: Project) -> list[str]:
    """Return the names of the workflows of GitHub Actions."""
    return sorted(path.stem for path in project.path.glob(".github/workflows/*.yml"))


def scripts(project: Project) -> list[str]:
    """Return all that the jobs give to a shell."""
    if (project.path / ".github").exists():
        names = workflows(project)
        jobs = [job for name in names for job in workflow(project, name)["jobs"].values()]
        return [step["run"] for job in jobs for step in job["steps"] if "run" in step]
    content = pipeline(project)
    jobs = [name for name, part in content.items() if isinstance(part, dict) and "script" in part]
    keys = ["before_script", "script"]
    return ["\n".join(gitlab_lines(content, job, key)) for job in jobs for key in keys]


def test_zizmor_finds_nothing(on_github: Project) -> None:
    """Not even what only an auditor would ask about.

    So actions are pinned to a commit, and no value is pasted into a script, where a branch called
    `$(...)` would be run.
    """
    run(BIN / "zizmor", "--offline", "--no-config", "--persona", "auditor", *files(on_github))


def test_schemas_know_each_key(on_github: Project, on_gitlab: Project) -> None:
    """The files have the form that GitHub and GitLab describe."""
    github = ["--builtin-schema", "vendor.github-workflows"]
    gitlab = ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"]
    run(BIN / "check-jsonschema", *github, *files(on_github))
    run(BIN / "check-jsonschema", *gitlab, *files(on_gitlab))


def test_scripts_are_sound(on_github: Project, on_gitlab: Project) -> None:
    """The shell reads them as they are meant."""
    for script in [*scripts(on_github), *scripts(on_gitlab)]:
        run(BIN / "shellcheck", "--shell", "bash", "-", content=script)


def test_sessions_are_there(on_github: Project, on_gitlab: Project) -> None:
    """Each session that a job runs is one of the project's."""
    listing = run(sys.executable, "-m", "nox", "-f", on_github.path / "noxfile.py", "--list")
    there = set(re.findall(r"^[*-] ([a-z]+)", listing, re.MULTILINE))

    told = set(
        re.findall(r"nox -s ([a-z-]+)", "\n".join([*scripts(on_github), *scripts(on_gitlab)]))
    )
    assert told >= {"lint", "test", "build", "push"}
    assert told <= there


def test_a_release_is_for_the_place(
    on_github: Project, on_gitlab: Project, place: tuple[str, str]
) -> None:
    """It runs the image where the project runs; nowhere else is nothing to release to."""
    deploy, _ = place
    platforms = {name for name in ("kubernetes", "sagemaker") if name in deploy}

    assert workflows(on_github) == (["project", "release"] if platforms else ["project"])
    assert ("release" in pipeline(on_gitlab)) == bool(platforms)
    for project in (on_github, on_gitlab):
        text = "\n".join(scripts(project))
        assert set(re.findall(r"nox -s deploy -- (\w+)", text)) == platforms
        assert ("kubectl" in text or "CLUSTER" in text) == ("kubernetes" in platforms)


def test_jobs_have_the_rights_that_they_need(on_github: Project, place: tuple[str, str]) -> None:
    """Code of the tests never runs with a right to sign in; nothing may write to the repository."""
    _, storage = place
    allowed = {
        "lint": set(),
        "test": set(),
        "build": set(),
        "push": {"packages"} if storage == "local" else {"id-token"},
        "release": {"packages", "id-token"} if storage == "local" else {"id-token"},
    }
    for name in workflows(on_github):
        content = workflow(on_github, name)
        assert content["permissions"] == {}
        for job, part in content["jobs"].items():
            assert part["permissions"].pop("contents") == "read"
            assert set(part["permissions"]) == allowed[job]
            assert 0 < part["timeout-minutes"] <= 60


def test_no_key_is_asked_for(on_github: Project, on_gitlab: Project) -> None:
    """Nobody has to store a password or a key; a platform vouches for the job."""
    for path in [*files(on_github), *files(on_gitlab)]:
        text = path.read_text("utf-8")
        assert "secrets." not in text
        assert not re.search(r"ACCESS_KEY|CREDENTIALS_JSON|CLIENT_SECRET|SERVICE_KEY", text)


def test_fresh_project_sends_nothing(on_github: Project, on_gitlab: Project) -> None:
    """Without a variable the checks are all that runs; a proposal never sends anything."""
    jobs = workflow(on_github, "project")["jobs"]
    runs = {name for name, job in jobs.items() if EMPTY.wants(job)}
    proposed = Event("refs/pull/1/merge", "branch", "pull_request", {"PUSH": "true"})
    assert {name for name, job in jobs.items() if proposed.wants(job)} == runs
    assert runs == {"lint", "test", "build"}
    for name in workflows(on_github)[1:]:
        assert not EMPTY.wants(workflow(on_github, name)["jobs"]["release"])

    for job in pipeline(on_gitlab).keys() & {"push", "release"}:
        rules = pipeline(on_gitlab)[job]["rules"]
        wanted = '$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && $PUSH == "true"'
        assert [rule["if"] for rule in rules] == [wanted]


def test_production_is_a_decision(on_github: Project, on_gitlab: Project) -> None:
    """No commit reaches it by itself."""
    if workflows(on_github) == ["project"]:
        return
    release = workflow(on_github, "release")
    assert set(release["on"]) == {"workflow_dispatch"}
    job = release["jobs"]["release"]
    assert job["environment"] == "prod"
    asked = [("refs/heads/main", "branch"), ("refs/tags/1.0", "tag"), ("refs/heads/x", "branch")]
    variables = {"PUSH": "true"}
    events = [Event(ref, kind, "workflow_dispatch", variables) for ref, kind in asked]
    assert [event.wants(job) for event in events] == [True, True, False]

    job = pipeline(on_gitlab)["release"]
    assert [rule["when"] for rule in job["rules"]] == ["manual"]
    assert job["environment"] == "prod"


@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_version_of_python(ci: str, tmp_path: Path) -> None:
    """The version of Python is the image's."""
    project = generate(tmp_path / "iris", template="sklearn", ci=ci, python_version="3.12")

    for found in files(project):
        assert re.search(r'python-version: "3\.12"|python:3\.12-slim', found.read_text("utf-8"))
