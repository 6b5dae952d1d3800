"""Makes the files of a template, and merges them into the working tree."""
