"""What captured templates give; each test module but `check` is written by a capture."""
