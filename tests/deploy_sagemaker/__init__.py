"""`nox -s deploy -- sagemaker`, against a server that speaks AWS' protocols."""
