"""Say what stands in the way of `copier update`, and how to mend it; 1 if anything does."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools import options
from tools.doctor import losses, machine, repository, template
from tools.doctor.findings import Finding, as_json, worst_first
from tools.doctor.template import Answers, UnusableError
from tools.environment import ROOT


def main() -> int:
    """Run the session."""
    parser = options.parser("doctor", __doc__, "--verbose")
    parser.add_argument("--json", action="store_true", help="print the findings for a program")
    parser.add_argument("--verbose", action="store_true", help="name all files")
    arguments = parser.parse_args()
    findings = worst_first(examine(ROOT))
    if arguments.json:
        print(as_json(findings))
    else:
        for finding in findings:
            print(finding.line(verbose=arguments.verbose))
    errors = any(finding.level == "error" for finding in findings)
    if not errors and not arguments.json:
        print("Nothing stands in the way of copier update.")
    return int(errors)


def examine(project: Path) -> Iterator[Finding]:
    """Yield all that is found."""
    yield from repository.check(project)
    yield from machine.check()
    answers, finding = template.read_answers(project)
    if finding:
        yield finding
    elif shutil.which("git"):
        with tempfile.TemporaryDirectory() as folder:
            yield from check_template(project, answers, Path(folder))


def check_template(project: Path, answers: Answers, folder: Path) -> Iterator[Finding]:
    """Yield whether there is a newer version, and what an update to it would do."""
    version, source = str(answers["_commit"]), answers["_src_path"]
    # The answers may depend on the name of the folder.
    old, new = folder / "old" / project.name, folder / "new" / project.name
    print(f"Reading the template {source}.", file=sys.stderr, flush=True)
    try:
        newest = template.render(project, new, None)
    except UnusableError as error:
        remedy = "Updates need it: look at its address (_src_path), your access, Copier's version."
        yield Finding("warning", f"The template {source} cannot be read: {error}", remedy)
        return
    yield from check_version(version, str(newest.get("_commit")))
    wrong = list(losses.wrong_answers(answers, newest))
    yield from wrong
    if newest.get("_commit") == version and not wrong:
        old = new
    else:
        try:
            template.render(project, old, version)
        except UnusableError as error:
            what = f"The template has no version {version} any more: {error}"
            remedy = "Make the files anew, then choose with git diff: copier recopy"
            yield Finding("error", what, remedy)
            return
    tracked = repository.tracked(project)
    files = losses.compare(project, old, new, tracked)
    yield from losses.drift(files)
    # With another answer it would be compared with what nobody wants, without git nothing is lost.
    if tracked and not wrong:
        yield from losses.losses(files)


def check_version(version: str, newest: str) -> Iterator[Finding]:
    """Yield whether the newest version is another than the project's."""
    if template.is_newer(version, newest):
        what = f"The project is of {version}, after the newest release {newest}"
        remedy = "Wait for the next, or update to HEAD: copier update --vcs-ref HEAD"
        yield Finding("error", what, remedy)
    elif version != newest:
        what = f"The project is of {version}; the newest version of the template is {newest}"
        yield Finding("warning", what, "When no error is left: copier update")


if __name__ == "__main__":
    sys.exit(main())
