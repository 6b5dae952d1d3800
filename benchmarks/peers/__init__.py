"""What others would write to serve the models of the benchmark, each with its pinned versions.

The files run in environments of their own and share `model.py`; a product that needs no code, such
as MLServer, has its requirements only.
"""
