"""The report of a capture for programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from extensions.capture import Capture, title_of
from extensions.forms import forms
from extensions.model import Site, Tree
from extensions.proving.proof import Proof
from extensions.reporting.report import change


def data(
    capture: Capture, files: Tree, proofs: Iterable[Proof], notes: Iterable[str]
) -> dict[str, Any]:
    """Return all that the report for people says, and every site."""
    inheritance = capture.inheritance
    return {
        "template": capture.name,
        "title": title_of(capture),
        "project": {
            "path": str(capture.project.root),
            "commit": capture.project.commit,
            "files": len(capture.project.files),
        },
        "missing": [{"what": lack.what, "remedy": lack.remedy} for lack in capture.lacks],
        "values": [
            {
                "name": value.name,
                "text": value.text,
                "forms": {form.variable: form.text for form in forms(value)},
            }
            for value in capture.values
        ],
        "sites": [site_data(capture, site) for site in capture.sites],
        "traces": [vars(trace) for trace in capture.traces],
        "parent": inheritance.parent or None,
        "inherited": {path: origin.name.lower() for path, origin in inheritance.origins.items()},
        "removed": list(inheritance.deleted),
        "fixed": dict(inheritance.fixed),
        "own": sorted(capture.own),
        "files": sorted(files),
        "notes": list(notes),
        "proofs": [vars(proof) for proof in proofs],
    }


def site_data(capture: Capture, site: Site) -> dict[str, Any]:
    """Return a site."""
    before, after = change(capture, site)
    return {
        "place": site.place,
        "path": site.path,
        "line": site.line,
        "column": site.column,
        "status": site.status.name.lower(),
        "variable": site.form.variable,
        "text": site.form.text,
        "others": list(site.others),
        "before": before,
        "after": after,
    }
