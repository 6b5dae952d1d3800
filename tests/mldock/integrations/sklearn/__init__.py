"""mldock.sklearn, mldock.onnx and mldock.dask, in the environment of a sklearn project."""
