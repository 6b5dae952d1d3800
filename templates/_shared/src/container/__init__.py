"""The container: what trains and serves the code beside this folder, on every platform."""
