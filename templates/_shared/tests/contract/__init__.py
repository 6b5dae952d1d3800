"""The contract of the container, whatever the model: what every platform relies on."""
