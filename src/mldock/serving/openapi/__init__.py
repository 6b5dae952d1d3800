"""What programs and the page read of the server: its OpenAPI document, with an example."""
