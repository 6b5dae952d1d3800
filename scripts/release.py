"""Make a release: check that each project can be updated to it, then name it and tag it."""

from __future__ import annotations

import argparse
import datetime
import re
import subprocess
import sys
from pathlib import Path

from packaging.version import InvalidVersion, Version

from scripts import answers

ROOT = Path(__file__).absolute().parents[1]
CHANGELOG = ROOT / "CHANGELOG.md"

# Numbers without leading zeros and, before a release, its candidates.
SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-rc\.(0|[1-9]\d*))?")
UNRELEASED = re.compile(r"^## Unreleased\n(?P<notes>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def main() -> int:
    """Run the session; 1 and the reasons where there can be no release."""
    parser = argparse.ArgumentParser(prog="nox -s release --", description=__doc__)
    parser.add_argument("version", metavar="X.Y.Z", help="the number, such as 1.2.0 or 2.0.0-rc.1")
    parser.add_argument("--dry-run", action="store_true", help="check, and say what would be done")
    options = parser.parse_args()
    tag = f"v{options.version}"
    reasons = [*wrong_version(options.version), *wrong_tree(), *wrong_changelog()]
    if previous := last_tag():
        reasons += answers.lost(answers.read(ROOT, previous), answers.read(ROOT, None))
    if not reasons and not updates_work():
        reasons = ["The tests of updates fail; the reason is above."]
    if reasons:
        print("\n".join(f"There can be no release: {reason}" for reason in reasons))
        return 1
    day = datetime.datetime.now(datetime.UTC).date()
    changelog, notes = released(CHANGELOG.read_text("utf-8"), options.version, day)
    push = f"git push --atomic origin main {tag}"
    if options.dry_run:
        print(f"It would be released as {tag}, after {previous or 'no other'}, with these notes:\n")
        print(f"{notes}\n\nTo push it then: {push}")
        return 0
    CHANGELOG.write_text(changelog, "utf-8")
    git("commit", "--quiet", "--message", f"Release {options.version}", "--", str(CHANGELOG))
    git("tag", "--annotate", "--cleanup=verbatim", "--message", f"{tag}\n\n{notes}", tag)
    print(f"{tag} is made, and nobody has it yet. To push it: {push}")
    return 0


def wrong_version(text: str) -> list[str]:
    """Return why a release cannot have this number."""
    if not SEMVER.fullmatch(text):
        return [f"{text} is no version; write X.Y.Z or X.Y.Z-rc.N, without v and leading zeros."]
    later = [tag for tag in version_tags() if Version(tag) >= Version(text)]
    return [f"{text} does not come after {later[-1]}."] if later else []


def wrong_tree() -> list[str]:
    """Return what is wrong with the working tree."""
    reasons = []
    if git("status", "--porcelain"):
        reasons.append("The tree is not clean; commit or stash what git status shows.")
    if (branch := git("branch", "--show-current")) != "main":
        reasons.append(f"This is {branch or 'no branch'}; releases are made of main.")
    return reasons


def wrong_changelog() -> list[str]:
    """Return why there is nothing to tell about the release."""
    found = UNRELEASED.search(CHANGELOG.read_text("utf-8"))
    if found and re.search(r"^[^#\s]", found["notes"], re.MULTILINE):
        return []
    return ["CHANGELOG.md says nothing under ## Unreleased."]


def released(changelog: str, version: str, day: datetime.date) -> tuple[str, str]:
    """Return the changelog with its news under the version, and the news."""
    found = UNRELEASED.search(changelog)
    assert found
    notes = found["notes"].strip()
    section = f"## Unreleased\n\n## {version} — {day}\n\n{notes}\n"
    rest = changelog[found.end() :]
    return changelog[: found.start()] + section + (f"\n{rest}" if rest else ""), notes


def updates_work() -> bool:
    """Run the tests of updates, and say whether they pass."""
    command = [sys.executable, "-m", "pytest", "-q", "tests/update"]
    return subprocess.run(command, cwd=ROOT).returncode == 0


def version_tags() -> list[str]:
    """Return the tags that Copier takes for versions, in their order."""
    tags = [tag for tag in git("tag", "--list").splitlines() if is_version(tag)]
    return sorted(tags, key=Version)


def last_tag() -> str | None:
    """Return the newest release."""
    return next(reversed(version_tags()), None)


def is_version(tag: str) -> bool:
    """Say whether Copier takes a tag for a version."""
    try:
        Version(tag)
    except InvalidVersion:
        return False
    return True


def git(*arguments: str) -> str:
    """Run git and return what it prints; where it fails, it says why itself."""
    result = subprocess.run(["git", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if result.returncode:
        sys.exit(f"git {arguments[0]} failed; the reason is above.")
    return result.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
