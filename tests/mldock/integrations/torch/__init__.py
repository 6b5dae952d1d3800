"""mldock.torch, in the environment of a pytorch project."""
