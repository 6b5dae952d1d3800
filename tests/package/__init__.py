"""How a project finds the package mldock-runtime, whatever its template came from."""
