"""The training job, and the process of its trainer."""
