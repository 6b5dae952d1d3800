"""Continuous integration of a generated project: what its files say, and their jobs run."""
