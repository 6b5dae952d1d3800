"""Images in the hands of the SageMaker Python SDK."""
