"""The server: nginx and gunicorn, and what turns requests into rows and rows into answers."""
