"""What projects import of mldock for scikit-learn, Dask, ONNX and PyTorch, where these are."""
