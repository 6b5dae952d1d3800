"""Reads a project as git has it, and refuses what no template can give back."""
