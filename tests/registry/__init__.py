"""`nox -s push` and `pull`, with a real registry that asks for a password."""
