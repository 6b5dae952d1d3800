"""The page of all error messages, and how they are found in the code."""
