"""The runtime of the container, tested where it lies."""
