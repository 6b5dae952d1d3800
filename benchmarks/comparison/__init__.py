"""What else differs between ways to serve a model: packages, code, mistakes, workers that die."""
