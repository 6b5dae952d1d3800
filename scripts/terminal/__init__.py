"""The picture of a terminal in the README, made from a real run of its first commands."""
