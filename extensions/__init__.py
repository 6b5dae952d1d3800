"""Captures a working project as a template: `nox -s build-template -- PATH`."""
