"""No secret in an image, in the builder's context, in a log or in what docker tells."""
