"""Looks for what should not leave its project: secrets, accounts, addresses, paths."""
