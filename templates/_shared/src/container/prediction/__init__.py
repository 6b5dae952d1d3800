"""The server: serve.py starts nginx and gunicorn, predictor.py has the routes."""
