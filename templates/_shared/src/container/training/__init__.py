"""The training entry point."""
