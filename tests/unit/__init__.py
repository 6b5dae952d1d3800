"""The tests that start no program: run them between two edits."""
