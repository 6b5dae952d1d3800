"""Tells people and programs what a capture found and did."""
