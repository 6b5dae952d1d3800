"""The same typed model for each product, written as its documentation teaches it.

Each takes flowers of four lengths above 0 and answers with the name of their kind, and each runs in
an environment of its own. What stands in these files is what a person writes; they are counted.
"""
