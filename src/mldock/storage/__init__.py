"""Moving the files of a channel between its directory and the place that its URI names."""
