"""The server: nginx, gunicorn, Flask, and what turns requests into rows and rows into answers."""
