"""Renders templates through Copier."""
