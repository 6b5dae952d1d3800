"""A working project becomes a template: what is found, what is written, what is proved."""
