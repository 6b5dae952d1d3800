"""What the sessions of noxfile.py do. They run on your machine, never in the container."""
