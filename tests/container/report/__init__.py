"""`nox -s report`."""
