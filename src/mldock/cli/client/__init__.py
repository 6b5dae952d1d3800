"""The session `client`: a typed Python client of the model, and an application that uses it."""
