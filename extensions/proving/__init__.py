"""Proves that a template gives its project back, and nothing that is left of it."""
