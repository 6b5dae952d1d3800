"""The command `nox -s build-template -- PATH`: a working project becomes a template."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from extensions.building import Request, build_template
from extensions.decisions import Decisions
from extensions.model import CaptureError
from extensions.parameters import parse
from extensions.recipe import Recipe

ROOT = Path(__file__).absolute().parents[1]
UNFINISHED = "If it was writing already, `git status` shows what is there: it is not complete."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return the exit code that its help explains."""
    options = parser().parse_args(arguments)
    try:
        result = build_template(request_of(options), ROOT, show)
    except CaptureError as error:
        if options.json:
            print(json.dumps({"error": str(error), "code": error.code}, ensure_ascii=False))
        print(f"\n{error}", file=sys.stderr)
        return error.code
    except OSError as error:
        print(f"\n{error}. {UNFINISHED}", file=sys.stderr)
        return 5
    except KeyboardInterrupt:
        print(f"\nStopped. {UNFINISHED}", file=sys.stderr)
        return 130
    if options.json:
        print(json.dumps(result.data, ensure_ascii=False, indent=2))
    else:
        print(result.text)
    return 0


def show(step: str) -> None:
    """Print what is done next on the error stream, which leaves the output to the report."""
    print(step, file=sys.stderr, flush=True)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="nox -s build-template --",
        description="Make a template of a working project, and prove that it gives the project.",
        epilog="Exit codes: 0 written, 1 a proof failed, 2 wrong command line, 3 the project is "
        "refused or decisions are missing, 4 edits by hand clash with a new capture, 5 a file "
        "cannot be read or written. "
        "docs/capture.md tells more. Example: nox -s build-template -- ../churn --dry-run",
    )
    parser.add_argument("path", type=Path, help="the project: a folder under version control")
    parser.add_argument("--name", help="the template's name (the project's, in kebab case)")
    parser.add_argument("--title", help="what stands in the list of templates (from its name)")
    parser.add_argument(
        "--decisions", type=Path, metavar="FILE", help="decisions about occurrences (none)"
    )
    for option, metavar, what in (
        ("--data", "NAME=VALUE", "an answer that the project lacks, or another than it has"),
        ("--param", "NAME=LITERAL", "make a question of a literal; ,type=int,help=TEXT may follow"),
        ("--fix", "QUESTION", "let the template give the project's choice, and not ask for it"),
        ("--allow", "PATH[:LINE]", "take a finding or a file that is refused; may be a pattern"),
    ):
        what += "; repeatable (none)"
        parser.add_argument(option, action="append", default=[], metavar=metavar, help=what)
    parser.add_argument("--no-tests", action="store_true", help="do not run the project's tests")
    parser.add_argument("--dry-run", action="store_true", help="show all, write nothing")
    parser.add_argument("--json", action="store_true", help="report as JSON")
    return parser


def request_of(options: argparse.Namespace) -> Request:
    """Return what is asked for."""
    recipe = Recipe(
        title=options.title or "",
        data=dict(map(pair, options.data)),
        parameters=tuple(map(parse, options.param)),
        fix=tuple(options.fix),
        decisions=decided(options.decisions),
        allowed=tuple(options.allow),
    )
    return Request(
        path=options.path,
        name=options.name,
        recipe=recipe,
        decisions=options.decisions,
        tests=not options.no_tests,
        dry_run=options.dry_run,
    )


def decided(path: Path | None) -> dict[str, str]:
    """Return the decisions of a file; one that is not there yet takes the user's answers."""
    if path is None or (sys.stdin.isatty() and not path.exists()):
        return {}
    return Decisions.read(path).answers


def pair(option: str) -> tuple[str, str]:
    """Read `NAME=VALUE`."""
    name, equals, text = option.partition("=")
    if not name or not equals:
        raise CaptureError(
            f"--data {option}: a name, `=` and a value are wanted: --data project_name=churn",
            code=2,
        )
    return name, text
