"""What is in the files of a generated project; which there are: test_combinations.py."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.generate.repository import own
from tests.project import ROOT, TEMPLATES, Project, generate

# No word of one template in a project of another.
FOREIGN = {
    "generic": r"torch|accelerator|cuda|sklearn|scikit|skops|onnx|tumor|\bdigits\.",
    "pytorch": r"sklearn|scikit|skops|onnx|tumor|flower|\biris\b",
    "sklearn": r"torch|accelerator|cuda|flower|\biris\b|\bdigits\.",
}

# Python and Go have braces of their own: an f-string, and a format of `docker version`.
LEGITIMATE = ['{{"epochs": 3}}', "{{.Server.Version}}", "{{json .DriverStatus}}", "{{name: NAME}}"]

# Each condition of the files is true in one of them and false in another.
ANSWERS = [
    *({"template": template} for template in TEMPLATES),
    {"template": "generic", "storage": "az", "ci": "gitlab", "deploy": "kubernetes"},
    {"template": "pytorch", "deploy": "kubernetes", "accelerator": "cuda", "ci": "none"},
    {"template": "pytorch", "deploy": "kubernetes", "storage": "gs", "ci": "gitlab"},
    {"template": "sklearn", "deploy": "sagemaker", "compile_model": "false"},
    {"template": "sklearn", "deploy": "kubernetes-and-sagemaker", "ci": "gitlab"},
]


@pytest.fixture(
    scope="module", params=ANSWERS, ids=lambda answers: "-".join(map(str, answers.values()))
)
def answers(request: pytest.FixtureRequest) -> dict[str, str]:
    """Return the answers that the project was made with."""
    chosen: dict[str, str] = request.param
    return chosen


@pytest.fixture(scope="module")
def project(answers: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project made with the answers."""
    return generate(tmp_path_factory.mktemp("projects") / "model", **answers)


def texts(project: Project) -> dict[str, str]:
    """Return the text of each file, its ends of line as they are."""
    return {name: (project.path / name).read_bytes().decode() for name in project.files()}


def test_onnx(project: Project, answers: dict[str, str]) -> None:
    """Who does not want it reads no word of it."""
    told = [name for name, text in texts(project).items() if "onnx" in text.lower()]
    assert bool(told) == (answers["template"] == "sklearn" and "compile_model" not in answers)


def test_modes(project: Project) -> None:
    """Only `executor.sh` can be started, and the links of the repository are plain folders."""
    executable = {name for name in project.files() if (project.path / name).stat().st_mode & 0o111}

    assert executable == {"src/container/executor.sh"}
    assert [path for path in project.path.rglob("*") if path.is_symlink()] == []


def test_ends_of_lines(project: Project) -> None:
    """No file is empty; each ends in one end of line, and no line has trailing blanks."""
    for name, text in texts(project).items():
        assert text.strip(), f"{name} is empty"
        assert "\r" not in text, name
        assert not re.findall(r".*[ \t]+$", text, re.MULTILINE), name
        assert text.endswith("\n"), name
        assert not text.endswith("\n\n"), name


def test_no_brace_is_left_over(project: Project) -> None:
    """All that Copier had to fill in is filled in."""
    for name, text in texts(project).items():
        for legitimate in LEGITIMATE:
            text = text.replace(legitimate, "")
        if name.startswith(".github/"):
            # GitHub's expressions.
            text = re.sub(r"\$\{\{ [^{}]+ \}\}", "", text)
        assert not re.findall(r".*(?:\{\{|\{%|\{#|%\}|#\}).*", text), name


def test_no_word_of_another_template(project: Project, answers: dict[str, str]) -> None:
    """A project does not speak of models that are not its own, nor of questions not asked.

    The noxfile is the same for all, and has to know that torch has an index of its own.
    """
    foreign = re.compile(FOREIGN[answers["template"]], re.IGNORECASE)

    for name, text in texts(project).items():
        assert not foreign.search(name)
        found = [line for line in text.splitlines() if foreign.search(line)]
        assert name == "noxfile.py" or not found, (name, found)


def test_no_path_of_the_repository(project: Project) -> None:
    """Only the answers file and the line of the runtime know where the templates are."""
    paths = re.compile(f"{re.escape(str(ROOT))}|templates/|_shared|_questions|copier\\.yml")

    for name, text in texts(project).items():
        if name not in (".copier-answers.yml", "src/container/requirements.txt"):
            assert [line for line in text.splitlines() if paths.search(line)] == [], name


def test_windows(tmp_path: Path) -> None:
    """With `core.autocrlf` a clone is that of any other machine, and so is a commit."""
    project = generate(tmp_path / "model", template="generic")
    data = project.path / "src" / "labels.txt"
    data.write_bytes(b"yes\r\nno\r\n")
    repository = own(project.path)

    clone = repository.clone(tmp_path / "clone", "-c", "core.autocrlf=true")
    names = repository.git("ls-files").splitlines()
    different = [
        name
        for name in names
        if (clone.path / name).read_bytes() != (project.path / name).read_bytes()
    ]
    read = (
        "trainer.py",
        "apt.txt",
        "requirements.txt",
        "requirements.lock",
        "container/executor.sh",
    )
    for path in (clone.path / "src" / name for name in read):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    assert different == []
    assert clone.git("-c", "core.safecrlf=false", "diff") == ""
