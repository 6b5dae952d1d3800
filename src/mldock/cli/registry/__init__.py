"""Image registries: names of images, signing in, pushing and pulling."""
