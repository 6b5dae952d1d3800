"""The page of the server in a real browser, and the server as its OpenAPI document tells it."""
