"""Finds where the values of a project stand, and decides what becomes of each place."""
