"""Measurements of what this repository promises; they run on the machine of who asks."""
