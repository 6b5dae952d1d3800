"""Old projects of mldock: they are converted, and become templates."""
