"""Makes a project of this repository's generic template out of one of mldock, by copy."""
