"""The tests of this project: nox -s test."""
