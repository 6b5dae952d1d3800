"""The image of every template, built and run."""
