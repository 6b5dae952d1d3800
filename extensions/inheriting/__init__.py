"""Keeps what a project has from the template that it was made from."""
