"""Models for the page: each file is the src/prediction.py of a project."""
