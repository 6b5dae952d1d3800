"""docs/extending.md: each of its edits, made in a fresh project, has the effect that it names."""
