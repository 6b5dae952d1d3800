"""PyTorch: one training by several processes, on one host or several, and its checkpoints.

`launch` starts the processes, `World` is what they do together, `make_batches` divides each batch
among them, and `Checkpoint` is what an interrupted run continues from.
"""
