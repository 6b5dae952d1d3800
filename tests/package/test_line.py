"""The line of requirements.txt that names the package, for each kind of source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from copier._template import load_template_config
from jinja2 import DictLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from tests.project import ROOT

QUESTIONS = load_template_config(ROOT / "copier.yml")
HASH = "0123456789abcdef0123456789abcdef01234567"
REFUSAL = "A version, such as mldock-runtime==1.2, or a wheel: mldock-runtime @ ADDRESS."
DRAFT = "Copier automated commit for draft changes\n"
HOME = Path.home()

ADDRESSES = {
    "gh:org/templates": "https://github.com/org/templates",
    "gh:/org/templates": "https://github.com/org/templates",
    "gh:org/templates.git": "https://github.com/org/templates.git",
    "gl:group/sub/templates": "https://gitlab.com/group/sub/templates",
    "https://github.com/org/templates": "https://github.com/org/templates",
    "git+https://git.example.com/templates": "https://git.example.com/templates",
    "https://me:t%40ken@git.example.com:8443/a.git": "https://git.example.com:8443/a.git",
    "https://token@git.example.com/a.git": "https://git.example.com/a.git",
    "git+https://me:token@git.example.com/a.git": "https://git.example.com/a.git",
    "https://git.example.com/@group/a.git": "https://git.example.com/@group/a.git",
    "git@github.com:org/templates.git": "ssh://git@github.com/org/templates.git",
    "git@host:/srv/templates.git": "ssh://git@host/srv/templates.git",
    "first.last@my-host.example.com:a.git": "ssh://first.last@my-host.example.com/a.git",
    "ssh://git@host:2222/org/templates.git": "ssh://git@host:2222/org/templates.git",
    "git+ssh://git@host/org/templates.git": "ssh://git@host/org/templates.git",
    "git+file:///srv/templates": "file:///srv/templates",
    "file:///srv/templates.git": "file:///srv/templates.git",
    "/srv/templates": "file:///srv/templates",
    "/srv/my templates/ü#%": "file:///srv/my%20templates/%C3%BC%23%25",
    "~/templates": f"file://{HOME}/templates",
}


def render(
    question: str,
    draft: str = "",
    filters: dict[str, Any] | None = None,
    key: str = "default",
    **context: Any,
) -> str:
    """Render the default of a question, or another text of it, as Copier does."""
    environment = SandboxedEnvironment(
        extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
        loader=DictLoader({".git/COMMIT_EDITMSG": draft} if draft else {}),
        undefined=StrictUndefined,
    )
    environment.filters |= filters or {}
    return environment.from_string(QUESTIONS[question][key]).render(**context)


@pytest.mark.parametrize("typed", ADDRESSES)
def test_address(typed: str) -> None:
    """What was typed is an address that git, uv and pip understand, without a password."""
    assert render("template_source", _copier_answers={"_src_path": typed}) == ADDRESSES[typed]


def test_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative path is read from the folder that `copier copy` runs in, links are followed."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    monkeypatch.chdir(tmp_path)

    assert render("template_source", _copier_answers={"_src_path": "./link"}) == (
        (tmp_path / "real").as_uri()
    )


def test_drive_of_windows() -> None:
    """A path with a drive is an address with three slashes."""
    answers = {"_src_path": "C:\\my templates"}

    address = render("template_source", filters={"realpath": str}, _copier_answers=answers)

    assert address == "file:///C:/my%20templates"


@pytest.mark.parametrize(
    ("commit", "draft", "expected"),
    [
        (HASH, "", f"mldock-runtime @ git+ssh://host/a@{HASH}"),
        (
            HASH,
            "The message of a commit that someone made\n",
            f"mldock-runtime @ git+ssh://host/a@{HASH}",
        ),
        (HASH, DRAFT, "mldock-runtime @ ssh://host/a"),
        (None, "", "mldock-runtime @ ssh://host/a"),
    ],
)
def test_commit(commit: str | None, draft: str, expected: str) -> None:
    """The line has the commit, where it is not Copier's own."""
    context: dict[str, Any] = {"template_source": "ssh://host/a"}
    context["_copier_conf"] = {"vcs_ref_hash": commit}

    assert render("runtime", draft, **context) == expected


@pytest.mark.parametrize(
    "given", ["==1.2", ">=1.2,<2", "~=1.2", " @ https://host/a.whl#sha256=0a", " @ file:///a.whl"]
)
def test_given(given: str) -> None:
    """A version and the address of a wheel are taken."""
    assert render("runtime", key="validator", runtime=f"mldock-runtime{given}") == ""


@pytest.mark.parametrize(
    "given", ["", "==1.2", "mldock-runtime", "https://host/a.whl", "mldock-runtime @ "]
)
def test_given_is_refused(given: str) -> None:
    """Nothing else is, since the name alone is not ours on the public index."""
    assert render("runtime", key="validator", runtime=given) == REFUSAL
