"""The session `client`: what it makes asks the model, wherever that is."""
