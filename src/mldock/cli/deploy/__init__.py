"""Running the image elsewhere: `nox -s deploy -- sagemaker|kubernetes COMMAND`."""
